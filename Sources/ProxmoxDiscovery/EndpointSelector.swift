/// The order in which a cluster's endpoints are tried: the one that worked last, then the others as configured.
struct EndpointSelector: Sendable {
  private let endpoints: [String]
  private var working: String?

  init(_ endpoints: [String]) { self.endpoints = endpoints }

  var order: [String] {
    guard let working else { return endpoints }
    return [working] + endpoints.filter { $0 != working }
  }

  mutating func succeeded(_ endpoint: String) { working = endpoint }
}
