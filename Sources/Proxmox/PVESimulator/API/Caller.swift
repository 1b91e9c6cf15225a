/// The authenticated caller of a request.
struct Caller: Sendable {
  /// `user@realm`, or `user@realm!tokenid`.
  var name: String
  var permissions: Permissions
  var isToken: Bool

  /// A caller without a login.
  static let anonymous = Caller(name: "", permissions: .none, isToken: false)
}
