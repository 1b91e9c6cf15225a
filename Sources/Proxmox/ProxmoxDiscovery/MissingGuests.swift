import FoundationEssentials
import ProxmoxAPI
import RouteModel

/// Guests that PVE listed and lists no more, until it is known why: they may be destroyed, the agent's rights may be
/// gone, or a node may be mute.
///
/// One is kept, stale, for a grace of two polls. It goes at once if PVE says that it has no configuration any more, and it
/// stays while missing rights hide it: nothing is concluded from what the agent may not see.
struct MissingGuests: Sendable {
  /// How many polls in a row may leave a guest out before that is believed.
  static let pollsDoubted = 2
  /// The same while the question for it is not answered.
  static let pollsUnasked = 10
  /// More are not asked for one by one with a poll.
  static let fewEnoughToAsk = 8
  /// A guest on which alone something was granted is gone for the agent in the same way whether it was destroyed or the
  /// grant was taken away. Behind the time in which a person would notice, it is forgotten.
  static let timeHidden = 24 * 3600.0
  /// One that is hidden for itself alone is asked for again after so many polls: it may be destroyed since.
  static let pollsBetweenQuestions = 30

  /// Why the agent does not see a guest.
  fileprivate enum Cover { case rights, refusal }

  fileprivate struct Entry {
    var guest: ClusterResources.Guest
    var lastListed: Date
    var polls = 0
    var explanation: String?
    var cover: Cover?
    var isAsked = false
    /// Whether the agent may see the guests of the pool that it was in.
    var isPoolVisible = false
  }

  private var entries: [VMID: Entry] = [:]

  var isEmpty: Bool { entries.isEmpty }
  func contains(_ vmid: VMID) -> Bool { entries[vmid] != nil }

  /// Whom to ask about, by VMID.
  var unexplained: [ClusterResources.Guest] {
    entries.values.filter { !$0.isAsked }.map(\.guest).sorted { $0.vmid < $1.vmid }
  }

  /// Those that the agent may not see, by VMID.
  var hidden: [VMID] { entries.values.filter { $0.cover != nil }.map(\.guest.vmid).sorted() }

  /// What a person reads at a guest that is missing, and when PVE listed it last.
  func doubt(about vmid: VMID) -> (reason: String, lastListed: Date)? {
    entries[vmid].map { entry in
      let guess = "PVE lists it no more: is it gone, or may the token not see it (VM.Audit on /vms/\(vmid))?"
      return (entry.explanation ?? guess, entry.lastListed)
    }
  }

  /// Takes a poll: tells which of the guests known before stay though they are not listed, and which are believed gone.
  ///
  /// - Parameters:
  ///   - rights: of the agent; nil if they are not known.
  ///   - lastRead: when the poll before was answered.
  mutating func note(
    known: [ClusterResources.Guest], listed: Set<VMID>, rights: EffectivePermissions?, lastRead: Date, at date: Date
  ) -> (staying: [ClusterResources.Guest], gone: [(vmid: VMID, reason: String)]) {
    var missing: [VMID: Entry] = [:]
    var gone: [(VMID, String)] = []
    for guest in known where !listed.contains(guest.vmid) {
      var entry = entries[guest.vmid] ?? Entry(guest: guest, lastListed: lastRead)
      entry.polls += 1
      if let rights { entry.take(rights) }
      if let reason = entry.departure(at: date, rights: rights) {
        gone.append((guest.vmid, reason))
      } else {
        missing[guest.vmid] = entry
      }
    }
    entries = missing
    return (missing.values.map(\.guest), gone)
  }

  /// Notes why a guest may be missing; it stays for the time of its grace.
  mutating func explain(_ vmid: VMID, _ explanation: String) {
    entries[vmid]?.isAsked = true
    // What the list of rights says is said already.
    if entries[vmid]?.cover != .rights { entries[vmid]?.uncover(because: explanation) }
  }

  /// Notes that PVE refuses to show the guest's configuration.
  mutating func hide(_ vmid: VMID) {
    guard var entry = entries[vmid] else { return }
    entry.isAsked = true
    if entry.isPoolVisible {
      entry.explanation = "it was destroyed, or taken out of the pool by which the agent saw it"
    } else {
      entry.hide(.refusal)
    }
    entries[vmid] = entry
  }

  mutating func forget(_ vmid: VMID) { entries[vmid] = nil }
}

extension MissingGuests.Entry {
  mutating func hide(_ cover: MissingGuests.Cover) {
    self.cover = cover
    explanation = "the agent may not see it: VM.Audit on /vms/\(guest.vmid) is not granted (any more), or it is gone"
  }

  mutating func uncover(because explanation: String? = nil) {
    if cover != nil { polls = 1 }
    (cover, self.explanation) = (nil, explanation)
  }

  mutating func take(_ rights: EffectivePermissions) {
    // A guest that is destroyed, or taken out of its pool, is not hidden as long as its pool can be seen.
    isPoolVisible = guest.pool.map { rights.paths["/pool/\($0)"]?["VM.Audit"] != nil } ?? false
    if !isPoolVisible, !rights.grants("VM.Audit", onGuest: guest.vmid) { return hide(.rights) }
    if cover == .rights {
      uncover()
      isAsked = false
    }
    // NoAccess on a single guest does not show in the list of rights.
    if cover == .refusal, polls % MissingGuests.pollsBetweenQuestions == 0 { isAsked = false }
  }

  /// Why it is believed gone; nil while it stays.
  func departure(at date: Date, rights: EffectivePermissions?) -> String? {
    guard cover != nil else {
      guard polls > MissingGuests.pollsDoubted else { return nil }
      // What PVE says of it is worth a while more.
      if rights != nil, !isAsked, polls <= MissingGuests.pollsUnasked { return nil }
      return explanation ?? "PVE listed it no more for \(polls) polls"
    }
    // Without any right nothing is concluded from anything.
    let seesOthers = rights?.grantsAnywhere("VM.Audit") ?? false
    return seesOthers && date.timeIntervalSince(lastListed) > MissingGuests.timeHidden ? explanation : nil
  }
}
