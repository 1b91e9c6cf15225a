extension NameResolver {
  /// Whether there is no such name; nil while that was said once only, and while the resolver cannot say.
  package func isMissing(_ host: String, timeout: Duration) async -> Bool? {
    switch await addresses(of: host, timeout: timeout) {
    case .success: false
    case .failure(.doesNotExist(let times)): times > 1 ? true : nil
    case .failure: nil
    }
  }
}
