import HTTPTransport
import PeerTrust
import RouteModel
import TestSupport
import Testing

@testable import HealthMonitoring

@Suite(.timeLimit(.minutes(5))) struct HTTPProbeTests {
  private let client = HTTPClient()

  @Test(arguments: [
    (200, "200 OK"), (204, "204 No Content"), (302, "302 Found"), (401, "401 Unauthorized"), (404, "404 Not Found"),
    (499, "499"),
  ])
  func takesAnyStatusBelow500ForHealthy(status: Int, detail: String) async throws {
    let server = try await UpstreamServer(answer: .status(status))
    guard case .success(let latency, let text) = await probe(server).outcome else {
      Issue.record("no success")
      return
    }
    #expect(text.hasPrefix(detail))
    #expect(latency > .zero)
    #expect(server.requests.map(\.method) == ["HEAD"])
  }

  @Test(arguments: [500, 502, 503])
  func takesAStatusFrom500OnForAFailure(status: Int) async throws {
    let server = try await UpstreamServer(answer: .status(status))
    guard case .failure(.badStatus(status, _, nil, _)) = await probe(server).outcome else {
      Issue.record("no bad status")
      return
    }
  }

  @Test func takesTheStatusThatTheRouteExpectsAndNoOther() async throws {
    let server = try await UpstreamServer(answer: .status(404))
    var target = target(server)
    target.expectedStatus = try #require(ExpectedStatus("2xx, 401"))
    guard case .failure(.badStatus(404, _, "2xx, 401", _)) = await probe(target).outcome else {
      Issue.record("no bad status")
      return
    }
    server.answer(with: .status(401))
    #expect(await probe(target).outcome.isSuccess)
    target.expectedStatus = try #require(ExpectedStatus("503"))
    server.answer(with: .status(503))
    #expect(await probe(target).outcome.isSuccess)
  }

  /// A server that the proxy cannot use is not healthy.
  @Test(arguments: TestCertificate.Key.allCases) func believesTheKeysThatTheProxyBelieves(
    key: TestCertificate.Key
  ) async throws {
    let server = try await ScriptedServer(certificate: TestCertificate(key: key))
    var target = ProbeTarget(upstream: .network(scheme: .https, host: "127.0.0.1", port: server.port))
    target.trust = .insecure
    let outcome = await probe(target).outcome
    guard key == .rsaPSS else {
      #expect(outcome.isSuccess, "\(outcome)")
      return
    }
    #expect("\(outcome)".contains("RSA-PSS"), "\(outcome)")
    #expect(!outcome.isSuccess)
  }

  /// A device that serves one client at a time is free between two checks.
  @Test func closesItsConnection() async throws {
    let server = try await ScriptedServer()
    for number in 1...2 {
      let upstream = Upstream.network(scheme: .http, host: "127.0.0.1", port: server.port)
      #expect(await probe(ProbeTarget(upstream: upstream)).outcome.isSuccess)
      try await eventually("connection \(number) is closed") {
        try await server.events(.closed).count == number ? () : nil
      }
    }
  }

  @Test func reportsThePhasesOfEachConnection() async throws {
    let server = try await UpstreamServer(certificate: try TestCertificate())
    var target = target(server)
    target.trust = .insecure
    let first = try #require(await probe(target).phases)
    #expect(first.connect != nil && first.tlsHandshake != nil && first.firstByte != nil)
    let second = try #require(await probe(target).phases)
    #expect(second.connect != nil && second.tlsHandshake != nil && second.firstByte != nil)
  }

  @Test func reportsWhenTheCertificateExpires() async throws {
    let certificate = try TestCertificate()
    let server = try await UpstreamServer(certificate: certificate)
    var target = target(server)
    target.trust = .insecure
    #expect(await probe(target).certificateEnd == certificate.notAfter)
    #expect(await probe(try await UpstreamServer()).certificateEnd == nil)
  }

  @Test func saysThatTheCertificateHasExpired() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await UpstreamServer(
      certificate: try TestCertificate(issuer: authority, validity: .expired))
    var target = target(server)
    (target.trust, target.tlsServerName) = (.caFile(authority.certificateFile), .named("localhost"))
    #expect(await probe(target).outcome == .failure(.certificate(reason: "expired 1 day ago")))
  }

  @Test func asksForThePathByTheMethodThatTheRouteWants() async throws {
    let server = try await UpstreamServer(answer: .status(200, body: String(repeating: "x", count: 2_000_000)))
    var target = target(server)
    (target.path, target.useGet) = ("/health?full=1", true)
    #expect(await probe(target).outcome.isSuccess)
    #expect(server.requests.map(\.method) == ["GET"])
    #expect(server.requests.map(\.path) == ["/health?full=1"])
    #expect(server.requests.map(\.host) == ["\(server.host):\(server.port)"])
  }

  @Test(arguments: [501, 405])
  func asksWithGetWhereHeadIsRefusedAndRemembersIt(refusal: Int) async throws {
    let server = try await UpstreamServer(answer: .status(200, body: "hello"))
    server.answer("HEAD", with: .status(refusal))
    let first = await probe(server)
    #expect(first.outcome.isSuccess)
    #expect(first.memory.refusesHead)
    let second = await HTTPProbe(client: client).probe(target(server), memory: first.memory)
    #expect(second.outcome.isSuccess)
    #expect(second.memory.refusesHead)
    #expect(server.requests.map(\.method) == ["HEAD", "GET", "GET"])
  }

  @Test func saysThatAServerDoesNotAnswerInTime() async throws {
    let server = try await UpstreamServer(answer: .silence)
    let isTimedOut = await timesOut("waiting for an answer") { timeout in
      var limited = self.target(server)
      limited.timeout = timeout
      return await self.probe(limited).outcome
    }
    #expect(isTimedOut)
  }

  @Test func reportsAClosedPort() async throws {
    let server = try await UpstreamServer()
    try await server.stop()
    #expect(await probe(server).outcome == .failure(.refused(address: "\(server.host):\(server.port)")))
  }

  @Test func saysThatTheConnectionWasDropped() async throws {
    let server = try await UpstreamServer(answer: .hangUp)
    guard case .failure(.badAnswer) = await probe(server).outcome else {
      Issue.record("no bad answer")
      return
    }
  }

  @Test(arguments: ["", "status", "/a b", "/ä", "/\r\nX: y"])
  func refusesAPathThatIsNone(path: String) async throws {
    var target = ProbeTarget(upstream: .network(scheme: .http, host: "127.0.0.1", port: 9))
    target.path = path
    guard case .impossible(let reason) = await probe(target).outcome else {
      Issue.record("it was tried")
      return
    }
    #expect(reason.contains("'\(path)'"))
  }

  @Test func trustsACertificateOnlyAsTheRouteSays() async throws {
    let certificate = try TestCertificate(names: ["DNS:plex.test"])
    let server = try await UpstreamServer(certificate: certificate)
    let pin = try #require(CertificateFingerprint(certificate.fingerprint))
    let wrongPin = try #require(CertificateFingerprint(bytes: pin.bytes.map { ~$0 }))

    func outcome(_ trust: TrustPolicy) async -> ProbeOutcome {
      var target = target(server)
      target.trust = trust
      return await probe(target).outcome
    }
    for refused in [
      await outcome(.systemRoots), await outcome(.fingerprints([wrongPin])),
    ] {
      guard case .failure(.certificate) = refused else {
        Issue.record("not refused: \(refused)")
        return
      }
    }
    #expect(server.requests.isEmpty)
    #expect(await outcome(.insecure).isSuccess)
    #expect(await outcome(.fingerprints([pin])).isSuccess)
  }

  @Test func verifiesTheNameThatTheRouteGives() async throws {
    let authority = try TestCertificate(isAuthority: true)
    let server = try await UpstreamServer(certificate: try TestCertificate(names: ["DNS:plex.test"], issuer: authority))
    var target = target(server)
    (target.trust, target.tlsServerName) = (.caFile(authority.certificateFile), .named("plex.test"))
    #expect(await probe(target).outcome.isSuccess)
    target.tlsServerName = .named("other.test")
    let refused = await probe(target).outcome
    guard case .failure(.certificate(let reason)) = refused else {
      Issue.record("not refused: \(refused)")
      return
    }
    #expect(reason.contains("other.test"))
    target.tlsServerName = .off
    #expect(await probe(target).outcome.isSuccess, "no name is compared")
  }

  @Test(arguments: [(UInt8(0x88), true), (UInt8(0x8e), false)])
  func speaksHTTP2InClearText(indexedStatus: UInt8, isHealthy: Bool) async throws {
    let server = try await ClearTextHTTP2Server(indexedStatus: indexedStatus)
    let target = ProbeTarget(upstream: .network(scheme: .h2c, host: server.host, port: server.port))
    let outcome = await probe(target).outcome
    #expect(outcome.isSuccess == isHealthy, "\(outcome)")
    if case .success(_, let detail) = outcome { #expect(detail == "200 OK") }
  }

  private func target(_ server: UpstreamServer) -> ProbeTarget {
    let scheme: RouteScheme = server.url.hasPrefix("https") ? .https : .http
    return ProbeTarget(
      upstream: .network(scheme: scheme, host: server.host, port: server.port), timeout: .seconds(180))
  }

  private func probe(_ server: UpstreamServer) async -> ProbeResult { await probe(target(server)) }

  private func probe(_ target: ProbeTarget) async -> ProbeResult {
    await HTTPProbe(client: client).probe(target, memory: ProbeMemory())
  }
}

extension ProbeOutcome {
  var isSuccess: Bool { if case .success = self { true } else { false } }
}
