/// Who a request comes from, once it is believed.
struct Identity: Sendable {
  /// `user@realm`, or `user@realm!tokenid`.
  var name: String
  var permissions: Permissions
  var isToken: Bool
}
