import Foundation
import HTTPTransport
import PVESimulator
import PeerTrust

/// Calls a simulator as the agent would, and returns the raw answer.
struct SimulatorClient {
  struct Answer {
    var status: Int
    var reason: String
    /// `Name: value`, as sent.
    var headers: [String]
    var body: String

    /// The `data` of an API answer.
    var data: Any? {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8))).flatMap { $0 as? [String: Any] }?["data"]
    }
    var objects: [[String: Any]] { data as? [[String: Any]] ?? [] }
    var object: [String: Any] { data as? [String: Any] ?? [:] }
  }

  static let http = HTTPClient()

  var url: String
  var trust: TrustPolicy
  /// The token's `Authorization`; nil for none.
  var authorization: String?

  init(_ simulator: PVESimulator, authorization: String? = SimulatedCluster.sampleToken.header) {
    self.url = simulator.url
    self.authorization = authorization
    self.trust = CertificateFingerprint(simulator.fingerprint).map { .fingerprints([$0]) } ?? .systemRoots
  }

  /// Calls a path below `/api2/json`.
  func get(_ path: String, cookie: String? = nil, timeout: Duration = .seconds(180)) async throws -> Answer {
    var request = HTTPRequest(.get, "\(url)/api2/json\(path)")
    request.timeout = timeout
    if let cookie { request.headers.append(("Cookie", cookie)) }
    return try await send(request)
  }

  func post(_ path: String, _ fields: KeyValuePairs<String, String>) async throws -> Answer {
    let pairs = fields.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
    var request = HTTPRequest(.post, "\(url)/api2/json\(path)")
    request.timeout = .seconds(180)
    request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
    request.body = Array(pairs.joined(separator: "&").utf8)
    return try await send(request)
  }

  func send(_ request: HTTPRequest) async throws -> Answer {
    var request = request
    request.connectTimeout = request.timeout
    // Between two requests a busy machine may take longer than the default.
    request.maxIdleTime = .seconds(120)
    request.trust = trust
    if let authorization { request.headers.append(("Authorization", authorization)) }
    let response = try await Self.http.send(request)
    return Answer(
      status: response.status, reason: response.reasonPhrase,
      headers: response.headers.map { "\($0.name): \($0.value)" }, body: String(decoding: response.body, as: UTF8.self))
  }
}
