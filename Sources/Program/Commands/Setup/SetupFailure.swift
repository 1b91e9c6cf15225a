/// Why `setup` ends without success: what was wanted, what was found, what to do. Holds no secret.
struct SetupFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
