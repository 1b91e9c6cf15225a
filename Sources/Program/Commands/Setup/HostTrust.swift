import AgentConfiguration
import HTTPTransport
import PeerTrust
import ProxmoxAPI

/// Decides which certificate of a host to trust. No login is sent before.
struct HostTrust: Sendable {
  static let timeout = Duration.seconds(20)

  let endpoint: Endpoint
  let http: HTTPClient
  let prompt: SetupPrompt

  /// The host has to show the certificate that the options name.
  func verify(_ trust: TrustPolicy) async throws(SetupFailure) -> TrustPolicy {
    do throws(ProxmoxError) {
      _ = try await greeting(trust)
      return trust
    } catch {
      throw SetupFailure("\(endpoint.url): \(error). Nothing was sent to it")
    }
  }

  /// Shows the certificate, and pins it if a person says that it is the host's. One that this machine's CAs vouch for
  /// needs no pin: it is renewed without a question.
  func ask() async throws(SetupFailure) -> TrustPolicy {
    let shown: CertificateFingerprint?
    do throws(ProxmoxError) {
      shown = try await greeting(.insecure).certificate?.fingerprint
    } catch {
      throw SetupFailure("\(endpoint.url): \(error)")
    }
    guard let shown else { throw SetupFailure("\(endpoint.url) shows no certificate") }
    let isTrusted = (try? await greeting(.systemRoots)) != nil
    Terminal.say(
      """
      The certificate of \(endpoint.url) has the SHA-256 fingerprint
        \(shown)
      \(isTrusted ? "The CAs of this machine vouch for it." : "Compare it with the one in the PVE GUI under Node > System > Certificates, or on the node:\n  \(Self.command)")
      """)
    let isConfirmed = try await prompt.confirm("Is this the certificate of your host?", withYes: false)
    guard isConfirmed else { throw SetupFailure("the certificate was not confirmed, so nothing was sent") }
    return isTrusted ? .systemRoots : .fingerprints([shown])
  }

  /// A certificate of one's own, pveproxy-ssl.pem, comes before PVE's.
  private static let command =
    "cat /etc/pve/local/pveproxy-ssl.pem /etc/pve/local/pve-ssl.pem 2>/dev/null | openssl x509 -noout -fingerprint -sha256"

  private func greeting(_ trust: TrustPolicy) async throws(ProxmoxError) -> ServerGreeting {
    try await ServerGreeting.of(
      endpoint.url, trust: trust, http: http, timeout: Self.timeout,
      hiding: .password(username: "", password: ""))
  }
}
