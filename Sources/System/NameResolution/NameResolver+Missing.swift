extension NameResolver {
  /// Whether the name does not exist; nil if that was reported only once, or is unknown.
  package func isMissing(_ host: String, timeout: Duration) async -> Bool? {
    switch await addresses(of: host, timeout: timeout) {
    case .success: false
    case .failure(.doesNotExist(let times)): times > 1 ? true : nil
    case .failure: nil
    }
  }
}
