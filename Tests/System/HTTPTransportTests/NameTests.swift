import HTTPTransport
import PeerTrust
import TestSupport
import Testing

/// Hosts by name: libcurl is given addresses and looks nothing up itself.
@Suite struct NameTests {
  private let gone = HTTPTransportError.nameNotResolved(host: "gone.test")

  @Test(.timeLimit(.minutes(5)), arguments: ["service.test", "SERVICE.test"])
  func connectsToTheAddressThatWasFound(host: String) async throws {
    let server = try await ScriptedServer()
    let names = ScriptedNames(["service.test": ["127.0.0.1"]])
    let client = HTTPClient(resolver: names.resolver)
    for _ in 1...2 {
      let response = try await client.send(HTTPRequest(.get, server.url(host: host)))
      #expect(response.status == 200)
      #expect(response.timings.nameLookup <= response.timings.firstByte)
    }
    #expect(try await client.connect(host: host, port: server.port, timeout: .seconds(180)).nameLookup > .zero)
    #expect(names.asked == ["service.test"])
  }

  @Test(.timeLimit(.minutes(5))) func triesEachAddress() async throws {
    let server = try await ScriptedServer(host: "::1")
    let names = ScriptedNames(["service.test": ["127.255.0.9", "fe80::1%1", "::1"]])
    let client = HTTPClient(resolver: names.resolver)
    #expect(try await client.send(HTTPRequest(.get, server.url(host: "service.test"))).status == 200)
  }

  @Test(.timeLimit(.minutes(5))) func asksForAnotherServerNameOnTheSameAddress() async throws {
    let server = try await ScriptedServer(certificate: try TestCertificate())
    let names = ScriptedNames(["service.test": ["127.0.0.1"]])
    var request = HTTPRequest(.get, server.url(scheme: "https", host: "service.test"))
    request.trust = .insecure
    request.tlsServerName = .named("other.test")
    #expect(try await HTTPClient(resolver: names.resolver).send(request).status == 200)
    #expect(names.asked == ["service.test"])
  }

  @Test(.timeLimit(.minutes(5))) func distinguishesMissingNamesFromUnknownOnes() async {
    let names = ScriptedNames(gone: ["gone.test"])
    let client = HTTPClient(resolver: names.resolver)
    await #expect(throws: gone) { try await client.send(HTTPRequest(.get, "http://gone.test/")) }
    await #expect(throws: gone) { try await client.connect(host: "gone.test", port: 80, timeout: .seconds(180)) }
    await #expect(throws: gone) {
      try await client.exchange([1], with: "gone.test", port: 53, timeout: .seconds(180)) { _ in true }
    }
    var request = HTTPRequest(.get, "http://silent.test/")
    request.connectTimeout = .milliseconds(50)
    await #expect(throws: HTTPTransportError.nameLookupFailed(host: "silent.test", reason: "no answer in time")) {
      try await client.send(request)
    }
  }

  /// A name with another form in DNS is not passed to a resolver.
  @Test(.timeLimit(.minutes(5))) func refusesAHostThatIsNotASCII() async {
    let names = ScriptedNames()
    let error = await #expect(throws: HTTPTransportError.self) {
      try await HTTPClient(resolver: names.resolver).send(HTTPRequest(.get, "http://bücher.test/"))
    }
    #expect(error?.description.contains("'bücher.test' is not ASCII") == true, "\(String(describing: error))")
    #expect(names.asked.isEmpty)
  }

  /// A shortage in this process proves nothing about the name.
  @Test(.timeLimit(.minutes(5))) func aShortageIsNoAnswer() async {
    let names = ScriptedNames(short: ["service.test"])
    await #expect(throws: HTTPTransportError.shortage(reason: "Too many open files")) {
      try await HTTPClient(resolver: names.resolver).send(HTTPRequest(.get, "http://service.test/"))
    }
  }

  @Test(.timeLimit(.minutes(5))) func aNameWithoutAnswerDelaysNoOtherRequest() async throws {
    let server = try await ScriptedServer()
    let names = ScriptedNames(["service.test": ["127.0.0.1"]])
    let client = HTTPClient(resolver: names.resolver)
    #expect(try await client.send(HTTPRequest(.get, server.url(host: "service.test"))).status == 200)
    let dead = (0..<150).map { number in
      Task { try await client.send(HTTPRequest(.get, "http://dead\(number).test/")) }
    }
    try await eventually("names are looked up") { names.waiting == 2 ? () : nil }
    #expect(try await client.send(HTTPRequest(.get, server.url())).status == 200)
    for task in dead { task.cancel() }
    for task in dead { await #expect(throws: HTTPTransportError.cancelled) { try await task.value } }
    #expect(try await client.send(HTTPRequest(.get, server.url(host: "service.test"))).status == 200)
    #expect(names.maxWaiting == 2)
  }
}
