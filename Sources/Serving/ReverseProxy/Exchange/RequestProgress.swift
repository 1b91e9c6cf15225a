/// How much of a request has come from the client and was passed on.
enum RequestProgress: Hashable {
  /// All of it, because it has no body.
  case bodyless
  /// Its head.
  case head
  /// Its head and a part of its body.
  case body
  /// All of it, with a body.
  case whole

  var isOver: Bool { self == .bodyless || self == .whole }
}
