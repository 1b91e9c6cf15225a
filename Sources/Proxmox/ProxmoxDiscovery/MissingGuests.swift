import FoundationEssentials
import ProxmoxAPI
import RouteModel

/// Guests that have disappeared from PVE's list, until the reason is known: they may have been destroyed, the agent's
/// rights may have been revoked, or a node may be silent.
///
/// A missing guest is kept, stale, for a grace period of two polls. It is removed at once if PVE no longer has its
/// configuration, and kept while missing rights hide it, because it may still exist.
struct MissingGuests: Sendable {
  /// The number of consecutive polls without a guest before it is removed.
  static let gracePolls = 2
  /// The same if PVE has not answered whether the guest exists.
  static let gracePollsWithoutAnswer = 10
  /// The maximum number of guests that are queried one by one with a poll.
  static let maxQueriesPerPoll = 8
  /// Seconds. If the agent's only right was on the guest itself, a destroyed guest and a revoked right look the same.
  /// After this time, in which a person would notice, the guest is forgotten.
  static let maxHiddenTime = 24 * 3600.0
  /// A guest that only its own refusal hides is queried again after this many polls: it may have been destroyed.
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
    /// Whether the agent may see the guests of the guest's former pool.
    var isPoolVisible = false
  }

  private var entries: [VMID: Entry] = [:]

  var isEmpty: Bool { entries.isEmpty }
  func contains(_ vmid: VMID) -> Bool { entries[vmid] != nil }

  /// The guests to query, by VMID.
  var unexplained: [ClusterResources.Guest] {
    entries.values.filter { !$0.isAsked }.map(\.guest).sorted { $0.vmid < $1.vmid }
  }

  /// The guests that the agent may not see, by VMID.
  var hidden: [VMID] { entries.values.filter { $0.cover != nil }.map(\.guest.vmid).sorted() }

  /// The reason shown for a missing guest, and when PVE last listed it.
  func absence(of vmid: VMID) -> (reason: String, lastListed: Date)? {
    entries[vmid].map { entry in
      let guess = "PVE no longer lists it: is it gone, or may the token not see it (VM.Audit on /vms/\(vmid))?"
      return (entry.explanation ?? guess, entry.lastListed)
    }
  }

  /// Applies a poll. Returns the known guests that stay although they are not listed, and those that are considered
  /// gone.
  ///
  /// - Parameters:
  ///   - rights: the agent's rights; nil if they are not known.
  ///   - lastRead: when the previous poll was answered.
  mutating func record(
    known: [ClusterResources.Guest], listed: Set<VMID>, rights: EffectivePermissions?, lastRead: Date, at date: Date
  ) -> (staying: [ClusterResources.Guest], gone: [(vmid: VMID, reason: String)]) {
    var missing: [VMID: Entry] = [:]
    var gone: [(VMID, String)] = []
    for guest in known where !listed.contains(guest.vmid) {
      var entry = entries[guest.vmid] ?? Entry(guest: guest, lastListed: lastRead)
      entry.polls += 1
      if let rights { entry.apply(rights) }
      if let reason = entry.departure(at: date, rights: rights) {
        gone.append((guest.vmid, reason))
      } else {
        missing[guest.vmid] = entry
      }
    }
    entries = missing
    return (missing.values.map(\.guest), gone)
  }

  /// Records why a guest may be missing; it stays for the rest of its grace period.
  mutating func explain(_ vmid: VMID, _ explanation: String) {
    entries[vmid]?.isAsked = true
    // The list of rights has already explained it.
    if entries[vmid]?.cover != .rights { entries[vmid]?.uncover(because: explanation) }
  }

  /// Records that PVE refuses to show the guest's configuration.
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

  mutating func apply(_ rights: EffectivePermissions) {
    // If the agent can see the guest's pool, the guest is not hidden: it was destroyed, or removed from the pool.
    isPoolVisible = guest.pool.map { rights.paths["/pool/\($0)"]?["VM.Audit"] != nil } ?? false
    if !isPoolVisible, !rights.grants("VM.Audit", onGuest: guest.vmid) { return hide(.rights) }
    if cover == .rights {
      uncover()
      isAsked = false
    }
    // NoAccess on a single guest does not show in the list of rights.
    if cover == .refusal, polls % MissingGuests.pollsBetweenQuestions == 0 { isAsked = false }
  }

  /// Why the guest is considered gone; nil while it stays.
  func departure(at date: Date, rights: EffectivePermissions?) -> String? {
    guard cover != nil else {
      guard polls > MissingGuests.gracePolls else { return nil }
      // PVE's explanation is worth waiting longer for.
      if rights != nil, !isAsked, polls <= MissingGuests.gracePollsWithoutAnswer { return nil }
      return explanation ?? "PVE did not list it for \(polls) polls"
    }
    // Without any rights, nothing can be concluded.
    let seesOthers = rights?.grantsAnywhere("VM.Audit") ?? false
    return seesOthers && date.timeIntervalSince(lastListed) > MissingGuests.maxHiddenTime ? explanation : nil
  }
}
