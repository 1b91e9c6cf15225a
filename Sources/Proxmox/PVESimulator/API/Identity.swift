/// Who a request comes from, once it is believed.
struct Identity: Sendable {
  /// `user@realm`, or `user@realm!tokenid`.
  var name: String
  var permissions: Permissions
  var isToken: Bool

  /// Somebody who has not logged in.
  static let nobody = Identity(name: "", permissions: .none, isToken: false)
}
