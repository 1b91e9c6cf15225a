import HTTPTransport
import PeerTrust
import TestSupport
import Testing

/// The servers that are trusted, and the errors for the others.
@Suite(.timeLimit(.minutes(5))) struct TrustTests {
  let client = HTTPClient()

  @Test func trustsWhatItsAuthorityHasIssued() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await ScriptedServer(certificate: try TestCertificate(issuer: authority))
    let response = try await client.send(server.request(trust: .caFile(authority.certificateFile)))
    #expect(response.status == 200)
    #expect(response.timings.tlsHandshake >= response.timings.connect)
  }

  @Test func refusesWhatAnotherAuthorityHasIssued() async throws {
    let (authority, other) = (try TestCertificate(isAuthority: true), try TestCertificate(isAuthority: true))
    let server = try await ScriptedServer(certificate: try TestCertificate(issuer: authority))
    for trust in [TrustPolicy.caFile(other.certificateFile), .systemRoots] {
      await #expect(
        throws: HTTPTransportError.certificateNotTrusted(.unknownIssuer)
      ) { try await client.send(server.request(trust: trust)) }
    }
    _ = try await eventually("both connections are closed") { try await server.events(.closed).count == 2 ? true : nil }
    #expect(try await server.events(.closed).allSatisfy { $0.received == 0 })
  }

  @Test func refusesASelfSignedCertificate() async throws {
    let server = try await ScriptedServer(certificate: try TestCertificate())
    await #expect(
      throws: HTTPTransportError.certificateNotTrusted(.selfSigned)
    ) { try await client.send(server.request(trust: .systemRoots)) }
  }

  @Test func refusesACertificateForAnotherHost() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await ScriptedServer(
      certificate: try TestCertificate(names: ["DNS:pve1.test"], issuer: authority))
    await #expect(
      throws: HTTPTransportError.certificateNotTrusted(.otherName("127.0.0.1"))
    ) { try await client.send(server.request(trust: .caFile(authority.certificateFile))) }
  }

  @Test func refusesAnExpiredCertificate() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let certificate = try TestCertificate(issuer: authority, validity: .expired)
    let server = try await ScriptedServer(certificate: certificate)
    // Twice, because the result applies to one connection.
    for _ in 0..<2 {
      await #expect(throws: HTTPTransportError.certificateNotTrusted(.expired(notAfter: certificate.notAfter))) {
        try await client.send(server.request(trust: .caFile(authority.certificateFile)))
      }
    }
  }

  @Test func asksForAndVerifiesTheServerNameThatIsGiven() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await ScriptedServer(
      certificate: try TestCertificate(names: ["DNS:pve1.test"], issuer: authority))
    var request = server.request("/path", trust: .caFile(authority.certificateFile))
    request.tlsServerName = .named("pve1.test")
    #expect(try await client.send(request).status == 200)
    #expect(try await server.events(.tls).map(\.serverName) == ["pve1.test"])
    let seen = try #require(try await server.events(.request).first)
    #expect(seen.path == "/path")
    #expect(seen.headers?["host"] == "127.0.0.1:\(server.port)")

    request.tlsServerName = .named("pve2.test")
    await #expect(throws: HTTPTransportError.certificateNotTrusted(.otherName("pve2.test"))) {
      try await client.send(request)
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func asksForNoNameAndComparesNoneWhereItIsToldSo(host: String) async throws {
    let (authority, other) = (try TestCertificate(isAuthority: true), try TestCertificate(isAuthority: true))
    let server = try await ScriptedServer(
      certificate: try TestCertificate(names: ["DNS:elsewhere.test"], issuer: authority))
    var request = HTTPRequest(.get, "https://\(host):\(server.port)/path")
    (request.trust, request.tlsServerName) = (.caFile(authority.certificateFile), .off)
    #expect(try await client.send(request).status == 200)
    #expect(try await server.events(.tls).map(\.serverName) == [nil])
    #expect(try await server.events(.request).first?.headers?["host"] == "\(host):\(server.port)")
    request.trust = .caFile(other.certificateFile)
    await #expect(throws: HTTPTransportError.certificateNotTrusted(.unknownIssuer)) { try await client.send(request) }
    (request.trust, request.tlsServerName) = (.caFile(authority.certificateFile), nil)
    await #expect(throws: HTTPTransportError.certificateNotTrusted(.otherName(host))) {
      try await client.send(request)
    }
  }

  @Test func asksForNoCertificateWhereItIsToldSo() async throws {
    let server = try await ScriptedServer(
      certificate: try TestCertificate(names: ["DNS:elsewhere.test"], validity: .expired))
    #expect(try await client.send(server.request(trust: .insecure)).status == 200)
    await #expect(throws: HTTPTransportError.self) { try await client.send(server.request(trust: .systemRoots)) }
  }

  @Test func reportsThePeersCertificate() async throws {
    let certificate = try TestCertificate()
    let server = try await ScriptedServer(certificate: certificate)
    for _ in 1...2 {
      let peer = try #require(try await client.send(server.request(trust: .insecure)).peerCertificate)
      #expect(peer.fingerprint == CertificateFingerprint(certificate.fingerprint))
      #expect(peer.notAfter == certificate.notAfter)
    }
  }

  @Test func namesACAFileThatIsNone() async throws {
    let folder = try TemporaryDirectory()
    let server = try await ScriptedServer(certificate: try TestCertificate())
    let files = ["no certificate": "text.pem", "": "empty.pem"]
    for path in try files.map({ try folder.write($0, to: $1) }) + [folder.file("absent.pem")] {
      await #expect(
        throws: HTTPTransportError.tlsFailed(reason: "the CA file \(path) cannot be read as PEM certificates")
      ) { try await client.send(server.request(trust: .caFile(path))) }
    }
  }

  @Test func namesAServerWithoutTLS() async throws {
    let server = try await ScriptedServer(greeting: "220 mail.test\r\n")
    await #expect(
      throws: HTTPTransportError.tlsFailed(
        reason: "the server does not speak TLS on this port; is the URL meant to begin with http://?")
    ) { try await client.send(server.request(trust: .systemRoots)) }
  }
}
