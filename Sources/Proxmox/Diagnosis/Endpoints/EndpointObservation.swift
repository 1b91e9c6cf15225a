import FoundationEssentials
import HTTPTransport
import PeerTrust
import ProxmoxAPI

/// What one endpoint shows to a client without credentials.
struct EndpointObservation: Sendable {
  var endpoint: String
  var outcome: Result<ServerGreeting, ProxmoxError>
  /// What it shows to a client that trusts every certificate, if the configured trust policy rejected it.
  var untrusted: ServerGreeting?
  /// The agent's clock when the answer arrived, in seconds since 1970.
  var now: Int

  init(
    endpoint: String, outcome: Result<ServerGreeting, ProxmoxError>, untrusted: ServerGreeting? = nil, now: Int
  ) {
    (self.endpoint, self.outcome, self.untrusted, self.now) = (endpoint, outcome, untrusted, now)
  }

  /// Contacts the endpoint without sending credentials, and hides them if the peer repeats them.
  static func make(
    at endpoint: String, trust: TrustPolicy, http: HTTPClient, timeout: Duration, hiding credentials: ProxmoxCredentials
  ) async -> EndpointObservation {
    do {
      let greeting = try await ServerGreeting.of(
        endpoint, trust: trust, http: http, timeout: timeout, hiding: credentials)
      return EndpointObservation(endpoint: endpoint, outcome: .success(greeting), now: clock())
    } catch {
      var untrusted: ServerGreeting?
      if case .transport(.certificateNotTrusted) = error {
        untrusted = try? await ServerGreeting.of(
          endpoint, trust: .insecure, http: http, timeout: timeout, hiding: credentials)
      }
      return EndpointObservation(endpoint: endpoint, outcome: .failure(error), untrusted: untrusted, now: clock())
    }
  }

  var greeting: ServerGreeting? { try? outcome.get() }

  /// The agent's clock, in seconds since 1970.
  static func clock() -> Int { Int(Date().timeIntervalSince1970.rounded()) }
}
