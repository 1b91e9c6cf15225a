import ProxmoxInventory

/// What the lookup found, as numbers: what it links, and how a person reads it, is made from it on request.
///
/// Valid for its snapshot only.
package struct LookupDecision: BitwiseCopyable, Sendable {
  enum Class: UInt8, BitwiseCopyable { case node, guest }

  /// Which class and key matched; nil if none did.
  var matched: Match?
  struct Match: BitwiseCopyable {
    var kind: Class
    var key: LookupKey
    var resources: MatchList
  }

  init() { matched = nil }
  init(_ kind: Class, _ key: LookupKey, _ resources: MatchList) {
    matched = Match(kind: kind, key: key, resources: resources)
  }
}
