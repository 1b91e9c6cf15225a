import RouteModel

/// Everything that goes by one alias: of the HTTP and the stream pool one route each, of the excluded ones any number.
///
/// Immutable: a change puts another entry in its place, so that whoever reads sees the alias before or after it.
final class AliasEntry: Sendable {
  let key: AliasKey
  let holders: AliasHolders
  /// What lookups lend; references of the holders that are not counted.
  let http: Unmanaged<RegisteredRoute>?
  let active: Unmanaged<RegisteredRoute>?

  init(_ key: AliasKey, _ holders: AliasHolders) {
    (self.key, self.holders) = (key, holders)
    http = holders.http.map(Unmanaged.passUnretained)
    active = http ?? holders.stream.map(Unmanaged.passUnretained)
  }

  var folded: String { holders.folded }
  var isWildcard: Bool { holders.folded.utf8.first == UInt8(ascii: "*") }

  func matches(_ key: AliasKey, _ name: String) -> Bool {
    self.key == key && (key.length <= AliasKey.inlineLength || holders.folded == HostName.fold(name))
  }
}
