import JSONDocument

/// `GET /version`.
package struct APIVersion: Hashable, Sendable {
  /// `9.2.11`.
  package var version: String

  init?(_ data: JSONValue) {
    guard let version = data["version"].nonEmptyString else { return nil }
    self.version = version
  }

  /// The first number: 8 for `8.4.1`; nil if there is none.
  package var major: Int? { version.split(separator: ".").first.flatMap { Int($0) } }
}
