import HTTPTransport
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(10))) struct DemoServicesTests {
  private let address = "127.\(Int.random(in: 65...249)).\(Int.random(in: 0...255)).77"

  private func service(_ name: String, usualPort: Int = 0) -> DemoScenario.Service {
    DemoScenario.Service(name: name, addresses: [address], usualPort: usualPort)
  }

  @Test func answersUntilItIsStoppedAndAgainAfterwards() async throws {
    let client = HTTPClient()
    let services = DemoServices()
    try await services.start(service("plex"))
    let port = try #require(services.ports["plex"])
    let url = "http://\(address):\(port)/"
    let answer = try await client.send(HTTPRequest(.get, url))
    #expect(answer.status == 200)
    #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix("plex,"))
    await services.stop("plex")
    await #expect(throws: HTTPTransportError.self) { try await client.send(HTTPRequest(.get, url)) }
    #expect(try await services.restart("plex"))
    #expect(try await client.send(HTTPRequest(.get, url)).status == 200)
    await services.stopAll()
    client.shutdown()
  }

  @Test func takesAnotherPortWhereTheUsualOneIsTaken() async throws {
    let services = DemoServices()
    try await services.start(service("first"))
    let taken = try #require(services.ports["first"])
    try await services.start(service("second", usualPort: taken))
    #expect(services.ports["second"] != taken)
    await services.stopAll()
  }
}
