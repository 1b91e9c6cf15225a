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
      bindings.binding(alias, in: registry) { route in
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
        _ = bindings.binding(route.id.alias.text, in: registry)
      }
      registry.apply(adding: [try makeRoute("b")], removing: [routes[0].id])
    }
    #expect(gone != nil)
    bindings.forgetChanged(in: registry)
    #expect(gone == nil)
    var bound = 0
    for alias in ["a", "b", "c"] {
      _ = bindings.binding(alias, in: registry) { route in
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
    let first = bindings.binding("plex", in: registry)
    registry.apply(adding: [], removing: [route.id])
    #expect(bindings.binding("plex", in: registry) == nil)
    registry.apply(adding: [route])
    #expect(bindings.binding("plex", in: registry) === first)
  }

  @Test("A binding lives as long as it is in the table or a request refers to it", arguments: [false, true])
  func keepsABindingThatIsReferredTo(isTableGone: Bool) throws {
    weak var binding: RouteBinding?
    var bindings = RouteBindings<RouteBinding>()
    func take() -> BindingReference<RouteBinding>? {
      let alias = "plex".utf8.span.bytes
      return bindings.http(alias: alias, host: alias, in: registry, bind: RouteBinding.init)
    }
    registry.apply(adding: [try makeRoute("plex")])
    do {
      let first = take()
      let second = take()
      binding = bindings.binding("plex", in: registry)
      #expect(binding != nil)
      if isTableGone {
        bindings.removeAll()
      } else {
        registry.apply(adding: [try makeRoute("plex")])
        bindings.forgetChanged(in: registry)
      }
      do { _ = consume first }
      #expect(binding != nil, "the second request refers to it")
      do { _ = consume second }
      #expect(binding == nil)
    }
    do { _ = take() }
    weak let next = bindings.binding("plex", in: registry)
    #expect(next != nil, "the table keeps it for the next request")
  }

  @Test func aRequestRefersToItsBindingUntilItIsDetached() throws {
    weak var binding: RouteBinding?
    var request = RoutedRequest<_, RouteBinding>("GET /")
    do {
      let new = RouteBinding(try makeRoute("plex"))
      binding = new
      request.attach(BindingReference(new))
    }
    #expect(binding != nil)
    let other = RouteBinding(try makeRoute("jellyfin"))
    request.attach(BindingReference(other))
    #expect(binding == nil, "another one was attached")
    request.detach()
    #expect(request.binding == nil)
  }
}

extension RouteBindings where Binding == RouteBinding {
  /// The binding of a host, which is not referred to afterwards.
  mutating func binding(
    _ host: String, in registry: RouteRegistry, bind: (RegisteredRoute) -> RouteBinding = RouteBinding.init
  ) -> RouteBinding? {
    let reference = http(alias: host.utf8.span.bytes, host: host.utf8.span.bytes, in: registry, bind: bind)
    switch reference {
    case .some(let reference): return reference.binding
    case nil: return nil
    }
  }
}
