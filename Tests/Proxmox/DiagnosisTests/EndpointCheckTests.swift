import HTTPTransport
import PeerTrust
import ProxmoxAPI
import Testing

@testable import Diagnosis

@Suite("EndpointCheck") struct EndpointCheckTests {
  private static let endpoint = "https://10.0.0.11:8006"
  private static let now = 1_800_000_000
  private static let day = 86_400
  private static let pin = CertificateFingerprint(bytes: [UInt8](repeating: 0xAB, count: 32))
  private static let other = CertificateFingerprint(bytes: [UInt8](repeating: 0xCD, count: 32))

  private func certificate(from: Int = -30, until: Int = 300) throws -> PeerCertificate {
    PeerCertificate(
      fingerprint: try #require(Self.pin), notBefore: Self.now + from * Self.day, notAfter: Self.now + until * Self.day)
  }

  private func greeting(until: Int = 300) throws -> ServerGreeting {
    ServerGreeting(certificate: try certificate(until: until), clock: nil, duration: .milliseconds(4))
  }

  private func check(_ outcome: Result<ServerGreeting, ProxmoxError>, trust: TrustPolicy) throws -> Finding {
    var untrusted: ServerGreeting?
    if case .failure(.transport(.certificateNotTrusted)) = outcome { untrusted = try greeting() }
    let observation = EndpointObservation(
      endpoint: Self.endpoint, outcome: outcome, untrusted: untrusted, now: Self.now)
    return EndpointCheck(observation, trust: trust).check
  }

  private var pinned: TrustPolicy { .fingerprints([Self.pin].compactMap(\.self)) }

  @Test("A certificate is judged by how it is trusted and when it ends")
  func answering() throws {
    #expect(try check(.success(greeting()), trust: pinned).severity == .ok)
    #expect(try check(.success(greeting()), trust: .caFile("ca.pem")).severity == .ok)
    #expect(try check(.success(greeting()), trust: .insecure).severity == .warning)
    let ending = try check(.success(greeting(until: 25)), trust: pinned)
    #expect(ending.severity == .warning && ending.found.contains("the pin will not fit"))
    let late = try check(.success(greeting(until: 9)), trust: .caFile("ca.pem"))
    #expect(late.severity == .warning && late.commands.contains("pvecm updatecerts --force"))
  }

  @Test("A wrong fingerprint is shown, and the node's own is for the person to see there")
  func mismatch() throws {
    let check = try check(.failure(.fingerprintMismatch(presented: Self.other)), trust: pinned)
    #expect(check.severity == .problem)
    #expect(check.found.contains("CD:CD") && check.wanted?.contains("AB:AB") == true)
    let commands = check.commands
    #expect(commands.contains { $0.contains("/etc/pve/local/pve-ssl.pem") && $0.contains("-fingerprint -sha256") })
    #expect(!commands.joined().contains("CD:CD"), "what was presented is never handed out as the true one")
    #expect(!check.remedies.map(\.advice).joined().contains("CD:CD"))
  }

  static let faults: [(fault: CertificateFault, word: String, command: String)] = [
    (.expired(notAfter: nil), "expired", "pvecm updatecerts --force"),
    (.expired(notAfter: 1_700_000_000), "expired", "pvecm updatecerts --force"),
    (.notYetValid, "not valid yet", "timedatectl status"),
    (.selfSigned, "self-signed", "scp root@10.0.0.11:/etc/pve/pve-root-ca.pem ca.pem"),
    (.unknownIssuer, "not among the trusted", "scp root@10.0.0.11:/etc/pve/pve-root-ca.pem ca.pem"),
    (.otherName("10.0.0.11"), "'10.0.0.11'", "-ext subjectAltName"),
  ]

  @Test("Each fault of a certificate has its own remedy", arguments: faults)
  func untrusted(fault: CertificateFault, word: String, command: String) throws {
    let error = ProxmoxError.transport(.certificateNotTrusted(fault))
    let check = try check(.failure(error), trust: .caFile("ca.pem"))
    #expect(check.severity == .problem && check.found.contains(word), "\(check.found)")
    #expect(check.found.contains("AB:AB"), "it tells what was presented: \(check.found)")
    #expect(check.commands.contains { $0.contains(command) }, "\(check.remedies)")
  }

  @Test("Without trust settings it says what to configure")
  func systemRoots() throws {
    let check = try check(
      .failure(.transport(.certificateNotTrusted(.unknownIssuer))), trust: .systemRoots)
    let advice = check.remedies.map(\.advice).joined()
    #expect(advice.contains("tls: {ca_file:") && advice.contains("tls.fingerprint"), "\(advice)")
  }

  static let failures: [(error: HTTPTransportError, command: String)] = [
    (.connectionRefused(address: "10.0.0.11:8006"), "systemctl status pveproxy pvedaemon"),
    (.timedOut(phase: "connecting", after: .seconds(10)), "ping -c 3 10.0.0.11"),
    (.timedOut(phase: "waiting for an answer", after: .seconds(30)), "systemctl status pveproxy pvedaemon"),
    (.nameNotResolved(host: "pve.home"), "getent hosts pve.home"),
    (.tlsFailed(reason: "the server does not speak TLS on this port"), "systemctl status pveproxy pvedaemon"),
  ]

  @Test("An endpoint that gives no answer is a problem with a remedy", arguments: failures)
  func failing(error: HTTPTransportError, command: String) throws {
    let check = try check(.failure(.transport(error)), trust: pinned)
    #expect(check.severity == .problem && check.found.hasPrefix(Self.endpoint))
    #expect(check.commands.contains(command))
  }
}
