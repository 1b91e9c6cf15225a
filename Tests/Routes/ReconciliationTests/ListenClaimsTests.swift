import ProxmoxInventory
import RouteModel
import RouteProviders
import RouteValidation
import Testing

@testable import Reconciliation

/// The distribution of listen addresses among the proxy and the routes.
@Suite struct ListenClaimsTests {
  private static let loopback = IPAddress("127.0.0.1")

  private func declare(
    http: (String, UInt16)? = nil, https: (String, UInt16)? = nil, _ routes: [RouteDeclaration]
  ) throws -> DeclaredRoutes {
    func address(_ pair: (String, UInt16)) throws -> ListenAddress {
      ListenAddress(try #require(IPAddress(pair.0)), port: pair.1)
    }
    let listening = ListenSettings(
      http: try http.map(address), https: try https.map(address), bind: try #require(Self.loopback))
    let provider = ProvidedRoutes.Provider(
      name: ProviderName("file:routes"), file: "routes.yml", routes: routes, problems: [], isLoaded: true)
    return DeclaredRoutes(ProvidedRoutes(providers: [provider]), settings: RouteSettings(listening: listening))
  }

  private func stream(
    _ alias: String, _ listen: UInt16, to target: UInt16 = 22, line: Int = 1,
    _ change: (inout RouteDeclaration) -> Void = { _ in }
  ) throws -> RouteDeclaration {
    var route = try Lab.declaration(alias, host: "127.77.1.1", line: line)
    route.port = .init(listen: listen, target: target)
    change(&route)
    return route
  }

  @Test func theProxyHasItsPortsBeforeAnyRoute() throws {
    let declared = try declare(http: ("127.0.0.1", 8080), [stream("ssh", 8080), stream("git", 8081, line: 2)])
    let reason =
      "it cannot listen on tcp 127.0.0.1:8080: proxy.http listens on tcp 127.0.0.1:8080: give the route another port"
    #expect(declared.routes.map(\.conflict?.reason) == [reason, nil])
    #expect(declared.routes[0].conflict?.code == .portTaken)
    #expect(declared.errors.isEmpty)
    #expect(declared.warnings.map(\.description) == ["routes.yml:1:1: warning: route 'ssh' is excluded: \(reason)"])
  }

  @Test func theEarlierOfTwoRoutesHasThePort() throws {
    let declared = try declare(http: ("127.0.0.1", 8080), [stream("ssh", 2222), stream("git", 2222, line: 4)])
    #expect(
      declared.routes.map(\.conflict?.reason) == [
        nil,
        "it cannot listen on tcp 127.0.0.1:2222: route 'ssh' of file:routes listens there (routes.yml:1:1): "
          + "give one of them another port",
      ])
  }

  @Test(
    "sockets that the kernel gives out side by side",
    arguments: [
      ("127.0.0.2", 2222, nil, nil), (nil, 2222, .udp, nil), (nil, 0, nil, nil), ("::1", 2222, nil, nil),
      ("0.0.0.0", 2222, nil, "port_taken"), ("::", 2222, nil, "port_taken"), (nil, 2222, nil, "port_taken"),
    ] as [(String?, UInt16, RouteScheme?, String?)])
  func comparesAddresses(bind: String?, listen: UInt16, scheme: RouteScheme?, code: String?) throws {
    let second = try stream("git", listen) { (route) in (route.bind, route.scheme) = (bind, scheme) }
    let declared = try declare(http: ("127.0.0.1", 8080), [stream("ssh", 2222), second])
    #expect(declared.routes[1].conflict?.code.rawValue == code)
    #expect(declared.routes[0].conflict == nil)
  }

  @Test func whatIsExcludedAnywayTakesNoPort() throws {
    var broken = try stream("broken", 2222)
    broken.problems = [Problem(.error, at: broken.location, "for the test")]
    let declared = try declare(http: ("127.0.0.1", 1), [broken, stream("ssh-old", 2222), stream("ssh", 2222)])
    #expect(declared.routes.map(\.conflict) == [nil, nil, nil])
  }

  @Test func nothingListensWithoutAProxy() throws {
    let provider = ProvidedRoutes.Provider(
      name: ProviderName("file:routes"), file: "routes.yml",
      routes: [try stream("ssh", 2222), try stream("git", 2222)], problems: [], isLoaded: true)
    #expect(DeclaredRoutes(ProvidedRoutes(providers: [provider])).routes.map(\.conflict) == [nil, nil])
  }

  @Test func tlsOnThePortOfHTTPSIsPassedThrough() throws {
    let declared = try declare(
      https: ("0.0.0.0", 443), [stream("vault", 443, to: 1443), stream("mail", 443, to: 2443)])
    #expect(declared.problems.isEmpty)
    for route in declared.routes {
      #expect(route.conflict == nil)
      #expect(route.declaration.streamTLS == .passthrough)
      #expect(route.declaration.port?.listen == nil, "it has no port of its own")
      #expect(route.declaration.notes.first?.contains("'\(route.declaration.alias)' is passed through") == true)
    }
    #expect(declared.routes.map(\.declaration.port?.target) == [1443, 2443])
  }

  @Test func tlsThatEndsHereNeedsAPortOfItsOwn() throws {
    let declared = try declare(https: ("0.0.0.0", 443), [stream("vault", 443) { $0.streamTLS = .terminated }])
    #expect(declared.routes[0].conflict?.reason.contains("proxy.https listens on tcp 0.0.0.0:443") == true)
  }

  @Test func udpBesideHTTPSIsNotTLS() throws {
    let declared = try declare(https: ("0.0.0.0", 443), [stream("quic", 443) { $0.scheme = .udp }])
    #expect(declared.routes[0].conflict == nil && declared.routes[0].declaration.port?.listen == 443)
  }
}
