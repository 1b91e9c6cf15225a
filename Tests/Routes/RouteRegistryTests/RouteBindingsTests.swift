import RouteModel
import RouteRegistry
import Testing

/// The bindings of one thread.
@Suite struct RouteBindingsTests {
  let registry = RouteRegistry()

  @Test func bindsARouteOnce() throws {
    let routes = try (0..<200).map { try makeRoute("r\($0)") }
    registry.apply(adding: routes)
    var bindings = RouteBindings<RouteBinding>()
    var bound = 0
    func find(_ alias: String) -> RouteBinding? {
      bindings.active(alias: alias.utf8.span.bytes, in: registry) { route in
        bound += 1
        return RouteBinding(route)
      }
    }
    for _ in 0..<2 {
      for route in routes { #expect(find(route.id.alias.text)?.registered === route) }
    }
    #expect(bound == routes.count)
    #expect(find("nobody") == nil)
    registry.apply(adding: [try makeRoute("r0")])
    #expect(find("r0")?.registered === registry.get("r0"))
    #expect(bound == routes.count + 1)
  }

  @Test func forgetsWhatChangedAndKeepsTheRest() throws {
    weak var gone: RegisteredRoute?
    var bindings = RouteBindings<RouteBinding>()
    do {
      let routes = try ["a", "b", "c"].map { try makeRoute($0) }
      gone = routes[0]
      registry.apply(adding: routes)
      for route in routes {
        _ = bindings.active(alias: route.id.alias.text.utf8.span.bytes, in: registry, bind: RouteBinding.init)
      }
      registry.apply(adding: [try makeRoute("b")], removing: [routes[0].id])
    }
    #expect(gone != nil)
    bindings.forgetChanged(in: registry)
    #expect(gone == nil)
    var bound = 0
    for alias in ["a", "b", "c"] {
      _ = bindings.active(alias: alias.utf8.span.bytes, in: registry) { route in
        bound += 1
        return RouteBinding(route)
      }
    }
    #expect(bound == 1, "c stayed, b is another one, a is gone")
  }

  @Test func aRouteThatLeftIsNotFoundThoughItIsHeld() throws {
    let route = try makeRoute("plex")
    registry.apply(adding: [route])
    var bindings = RouteBindings<RouteBinding>()
    func find() -> RouteBinding? {
      bindings.http(
        alias: "plex".utf8.span.bytes, host: "plex.lan".utf8.span.bytes, in: registry, bind: RouteBinding.init)
    }
    let first = find()
    registry.apply(adding: [], removing: [route.id])
    #expect(find() == nil)
    registry.apply(adding: [route])
    #expect(find() === first)
  }
}
