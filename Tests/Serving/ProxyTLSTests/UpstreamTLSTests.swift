import Foundation
import HTTPTransport
import NIOCore
import NIOPosix
import PeerTrust
import TestSupport
import Testing

@testable import ProxyTLS

/// The upstreams that the proxy trusts, and the errors for the others.
@Suite(.timeLimit(.minutes(5))) struct UpstreamTLSTests {
  private let book = LogBook()

  private func tls() throws -> UpstreamTLS { try UpstreamTLS(logger: book.logger) }

  /// Nil if the handshake succeeded.
  private func refusal(
    _ tls: UpstreamTLS, _ port: UInt16, _ trust: TrustPolicy, host: String = "127.0.0.1",
    serverName: TLSServerName? = nil
  ) async throws -> HTTPTransportError? {
    do {
      let peer = UpstreamPeer(trust, host: host, serverName: serverName)
      let channel = try await TLSClient.connect(Int(port), tls, peer)
      // Servers that do not close TLS properly are ignored here.
      try? await channel.close()
      return nil
    } catch let error as HTTPTransportError { return error }
  }

  /// The server name in the first handshake, which the server may complete after the client has closed it.
  private func requestedName(_ server: ScriptedServer) async throws -> String? {
    try await eventually("the server received the requested name") {
      try await server.events(.tls).first { $0.connection == 1 }
    }.serverName
  }

  @Test(arguments: ["127.0.0.1", "localhost", "LOCALHOST."])
  func believesTheCertificatesOfACA(host: String) async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await ScriptedServer(certificate: TestCertificate(issuer: authority))
    #expect(try await refusal(tls(), server.port, .caFile(authority.certificateFile), host: host) == nil)
  }

  /// The result of OpenSSL, and therefore of the health checks.
  @Test(arguments: TestCertificate.Key.allCases.filter { $0 != .rsaPSS })
  func believesKeysOfEveryKind(key: TestCertificate.Key) async throws {
    let authority = try TestCertificate(isAuthority: true)
    let certificate = try TestCertificate(issuer: authority, key: key)
    let server = try await ScriptedServer(certificate: certificate)
    #expect(try await refusal(tls(), server.port, .caFile(authority.certificateFile)) == nil)
    let pin = try #require(CertificateFingerprint(certificate.fingerprint))
    #expect(try await refusal(tls(), server.port, .fingerprints([pin])) == nil)
    #expect(try await refusal(tls(), server.port, .insecure) == nil)
  }

  /// The TLS library does not support such keys; neither do the health checks.
  @Test func refusesRSAPSSKeys() async throws {
    let server = try await ScriptedServer(certificate: TestCertificate(key: .rsaPSS))
    guard case .tlsFailed? = try await refusal(tls(), server.port, .insecure) else {
      Issue.record("it was believed")
      return
    }
  }

  @Test func verifiesTheNameThatTheRouteStatesInPlaceOfTheHost() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await ScriptedServer(
      certificate: TestCertificate(names: ["DNS:nas.home.example"], issuer: authority))
    let trust = TrustPolicy.caFile(authority.certificateFile)
    #expect(try await refusal(tls(), server.port, trust, serverName: .named("nas.home.example")) == nil)
    #expect(
      try await refusal(tls(), server.port, trust) == .certificateNotTrusted(.otherName("127.0.0.1")))
    #expect(
      try await refusal(tls(), server.port, trust, serverName: .named("home.example"))
        == .certificateNotTrusted(.otherName("home.example")))
    #expect(try await requestedName(server) == "nas.home.example")
  }

  @Test func asksForNoNameAndComparesNoneWhereTheRouteSaysSo() async throws {
    let (authority, other) = (try TestCertificate(isAuthority: true), try TestCertificate(isAuthority: true))
    let server = try await ScriptedServer(
      certificate: TestCertificate(names: ["DNS:elsewhere.test"], issuer: authority))
    let trust = TrustPolicy.caFile(authority.certificateFile)
    #expect(try await refusal(tls(), server.port, trust, host: "localhost", serverName: .off) == nil)
    #expect(
      try await refusal(tls(), server.port, trust, host: "localhost") == .certificateNotTrusted(.otherName("localhost"))
    )
    #expect(
      try await refusal(tls(), server.port, .caFile(other.certificateFile), host: "localhost", serverName: .off)
        == .certificateNotTrusted(.unknownIssuer))
    #expect(try await requestedName(server) == nil)
  }

  @Test func reportsWhatIsWrongWithACertificate() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let trust = TrustPolicy.caFile(authority.certificateFile)
    let expired = try TestCertificate(issuer: authority, validity: .expired)
    let cases: [(TestCertificate, CertificateFault)] = [
      (try TestCertificate(), .selfSigned),
      (try TestCertificate(issuer: TestCertificate(isAuthority: true)), .unknownIssuer),
      (expired, .expired(notAfter: expired.notAfter)),
    ]
    for (certificate, fault) in cases {
      let server = try await ScriptedServer(certificate: certificate)
      #expect(try await refusal(tls(), server.port, trust) == .certificateNotTrusted(fault))
    }
  }

  @Test func theSystemKnowsNoCertificateOfATest() async throws {
    let server = try await ScriptedServer(certificate: TestCertificate())
    #expect(try await refusal(tls(), server.port, .systemRoots) == .certificateNotTrusted(.selfSigned))
  }

  @Test func anInsecurePolicyBelievesAnybody() async throws {
    let server = try await ScriptedServer(certificate: TestCertificate(names: ["DNS:other.test"], validity: .expired))
    #expect(try await refusal(tls(), server.port, .insecure) == nil)
  }

  /// A pin applies regardless of the certificate's content, and in every connection.
  @Test func aPinIsHeldAgainstEachConnection() async throws {
    let certificate = try TestCertificate(names: ["DNS:elsewhere.test"], validity: .expired)
    let pin = try #require(CertificateFingerprint(certificate.fingerprint))
    let wrong = try #require(CertificateFingerprint(bytes: pin.bytes.reversed()))
    let server = try await ScriptedServer(certificate: certificate)
    let tls = try tls()
    for _ in 1...2 { #expect(try await refusal(tls, server.port, .fingerprints([wrong, pin])) == nil) }
    let mismatch = HTTPTransportError.fingerprintMismatch(presented: pin)
    #expect(try await refusal(tls, server.port, .fingerprints([wrong])) == mismatch)
    #expect(mismatch.description.contains(certificate.fingerprint))
    // The client's side of a handshake may end before the server's.
    let handshakes = try await eventually("the server has completed the handshakes") {
      let handshakes = try await server.events(.tls)
      return handshakes.count >= 2 ? handshakes : nil
    }
    #expect(handshakes.allSatisfy { $0.resumed == false }, "\(handshakes)")
    #expect(try await server.events().allSatisfy { ($0.received ?? 0) == 0 })
  }

  @Test func readsAChangedCAFileAgainAndKeepsTheOldOneWhereItIsBad() async throws {
    let folder = try TemporaryDirectory()
    let (old, new) = (try TestCertificate(isAuthority: true), try TestCertificate(isAuthority: true))
    let path = folder.file("ca.pem")
    let tls = try tls()
    let server = try await ScriptedServer(certificate: TestCertificate(issuer: new))
    let unreadable = HTTPTransportError.tlsFailed(reason: "the CA file \(path) cannot be read as PEM certificates")
    #expect(try await refusal(tls, server.port, .caFile(path)) == unreadable)
    try FileManager.default.copyItem(atPath: old.certificateFile, toPath: path)
    #expect(try await refusal(tls, server.port, .caFile(path)) == .certificateNotTrusted(.unknownIssuer))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: new.certificateFile, toPath: path)
    try await eventually("the new CA is read") {
      tls.refresh(caFiles: [path])
      return try await refusal(tls, server.port, .caFile(path)) == nil ? () : nil
    }
    #expect(book.lines.isEmpty)
    for (count, text) in zip(1..., ["", "half a file"]) {
      try folder.write(text, to: "ca.pem")
      try await eventually("the bad file is read") {
        tls.refresh(caFiles: [path])
        return book.lines.count == count ? () : nil
      }
      for _ in 1...2 { #expect(try await refusal(tls, server.port, .caFile(path)) == nil) }
    }
    #expect(
      book.lines
        == Array(
          repeating: "error: changed CA file cannot be read: the previous CAs stay ca_file=\(path)", count: 2))
    // No route has the file any more.
    tls.refresh(caFiles: [])
    #expect(try await refusal(tls, server.port, .caFile(path)) == unreadable)
  }

  @Test func reportsAServerWithoutTLS() async throws {
    let server = try await ScriptedServer(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n")
    #expect(
      try await refusal(tls(), server.port, .insecure)
        == .tlsFailed(reason: "the server does not speak TLS on this port; is its scheme meant to be http?"))
  }

  @Test func reportsAServerThatClosesDuringTheHandshake() async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { $0.close() }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = UInt16(server.localAddress?.port ?? 0)
    let refusal = try await refusal(tls(), port, .insecure)
    try await server.close()
    if case .connectionClosed(let reason) = refusal, reason.hasSuffix("in the TLS handshake") { return }
    Issue.record("\(String(describing: refusal))")
  }

  @Test func aNameThatCannotBeAskedForIsAnErrorOfItsOwn() async throws {
    let server = try await ScriptedServer(certificate: TestCertificate())
    let name = String(repeating: "a", count: 300)
    #expect(
      try await refusal(tls(), server.port, .insecure, host: name)
        == .tlsFailed(reason: "'\(name)' is no name that a server can be asked for"))
  }

  @Test func connectionsOfDifferentTrustHaveDifferentPeers() throws {
    let pin = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 7, count: 32)))
    let peers = [
      UpstreamPeer(.systemRoots, host: "a", serverName: nil),
      UpstreamPeer(.systemRoots, host: "a", serverName: .named("b")),
      UpstreamPeer(.systemRoots, host: "a", serverName: .off), UpstreamPeer(.caFile("c"), host: "a", serverName: nil),
      UpstreamPeer(.fingerprints([pin]), host: "a", serverName: nil),
      UpstreamPeer(.insecure, host: "a", serverName: nil),
    ]
    #expect(Set(peers).count == 6)
    #expect(UpstreamPeer(.systemRoots, host: "A.", serverName: nil) == peers[0])
    #expect(UpstreamPeer(.systemRoots, host: "x", serverName: .named("B")) == peers[1])
  }
}
