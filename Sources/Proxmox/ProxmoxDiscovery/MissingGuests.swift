import FoundationEssentials
import ProxmoxAPI
import RouteModel

/// Guests that PVE listed and lists no more, until it is known why: they may be destroyed, the token's rights may be
/// gone, or a node may be mute.
///
/// One is kept, stale, for a grace of two polls. It goes at once where PVE says that it has no configuration any more.
struct MissingGuests: Sendable {
  /// How many polls in a row may leave a guest out before that is believed.
  static let pollsDoubted = 2
  /// More are not asked for one by one.
  static let fewEnoughToAsk = 8

  private struct Entry {
    var guest: ClusterResources.Guest
    var lastListed: Date
    var polls = 0
    var explanation: String?
  }

  private var entries: [VMID: Entry] = [:]

  var isEmpty: Bool { entries.isEmpty }
  func contains(_ vmid: VMID) -> Bool { entries[vmid] != nil }

  /// Whom to ask about, by VMID.
  var unexplained: [ClusterResources.Guest] {
    entries.values.filter { $0.explanation == nil }.map(\.guest).sorted { $0.vmid < $1.vmid }
  }

  /// What a person reads at a guest that is missing, and when PVE listed it last.
  func doubt(about vmid: VMID) -> (reason: String, lastListed: Date)? {
    entries[vmid].map { entry in
      let guess = "PVE lists it no more: is it gone, or may the token not see it (VM.Audit on /vms/\(vmid))?"
      return (entry.explanation ?? guess, entry.lastListed)
    }
  }

  /// Takes a poll: tells which of the guests known before stay though they are not listed, and which are believed gone.
  ///
  /// - Parameter lastRead: when the poll before was answered.
  mutating func note(
    known: [ClusterResources.Guest], listed: Set<VMID>, lastRead: Date
  ) -> (staying: [ClusterResources.Guest], gone: [(vmid: VMID, reason: String)]) {
    var missing: [VMID: Entry] = [:]
    var gone: [(VMID, String)] = []
    for guest in known where !listed.contains(guest.vmid) {
      var entry = entries[guest.vmid] ?? Entry(guest: guest, lastListed: lastRead)
      entry.polls += 1
      if entry.polls > Self.pollsDoubted {
        gone.append((guest.vmid, entry.explanation ?? "PVE listed it no more for \(entry.polls) polls"))
      } else {
        missing[guest.vmid] = entry
      }
    }
    entries = missing
    return (missing.values.map(\.guest), gone)
  }

  /// Notes why a guest may be missing; it stays for the time of its grace.
  mutating func explain(_ vmid: VMID, _ explanation: String) { entries[vmid]?.explanation = explanation }

  mutating func forget(_ vmid: VMID) { entries[vmid] = nil }
}
