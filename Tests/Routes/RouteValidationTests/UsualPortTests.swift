import ProxmoxInventory
import RouteModel
import RouteValidation
import Testing

/// A port that a route does not state is the usual one for its name, and `explain` says so.
@Suite struct UsualPortTests {
  let validator = RouteValidator(inventory: Lab.inventory())

  @Test(
    arguments: [
      ("portainer", nil, "https://h:9443", "9443: the usual port of 'portainer', as the route states none"),
      (
        "Portainer.home.example", nil, "https://h:9443", "9443: the usual port of 'portainer', as the route states none"
      ),
      ("crafty", nil, "https://h:8080", "8080: the usual port of 'crafty', as the route states none"),
      ("grafana", nil, "http://h:3000", "3000: the usual port of 'grafana', as the route states none"),
      ("postgres", nil, "tcp://h:5432", "5432: the usual port of 'postgres', as the route states none"),
      ("grafana", .https, "https://h:443", "443: the port of https, as the route states none"),
      ("grafana", .http, "http://h:3000", "3000: the usual port of 'grafana', as the route states none"),
      ("x", nil, "http://h:80", "80: the port of http, as the route states none"),
      ("x", .https, "https://h:443", "443: the port of https, as the route states none"),
      ("x", .tcp, "tcp://h:80", "80: the port of tcp, as the route states none"),
    ] as [(String, RouteScheme?, String, String)])
  func fillsThePort(alias: String, scheme: RouteScheme?, target: String, why: String) throws {
    let declaration = try Lab.declaration(alias, host: "h", scheme: scheme)
    let route = validator.validate(declaration)
    #expect(route.plan.candidates.map(\.description) == [target])
    #expect(validator.steps(of: declaration).filter { $0.subject == .port }.map(\.detail) == [why])
    #expect(route.pool == (target.hasPrefix("tcp") ? .stream : .http))
  }

  @Test func aPortThatIsStatedNeedsNoStep() throws {
    let declaration = try Lab.declaration("portainer", host: "h", port: 9000)
    #expect(validator.validate(declaration).plan.candidates.map(\.description) == ["http://h:9000"])
    #expect(!validator.steps(of: declaration).contains { $0.subject == .port })
  }

  @Test func aNodesOwnAPIComesFirst() throws {
    let validator = RouteValidator(inventory: Lab.inventory([Lab.node("grafana", "10.0.0.11")]))
    let declaration = try Lab.declaration("grafana")
    #expect(validator.validate(declaration).plan.candidates.map(\.description) == ["https://10.0.0.11:8006"])
    #expect(
      validator.steps(of: declaration).first { $0.subject == .port }?.detail
        == "8006: a node's own API, as the route states neither host, scheme nor port")
  }

  @Test func aRestrictedRouteIsLinkedAndSaysWhyItIsNotServed() throws {
    var declaration = try Lab.declaration("x", host: "10.0.0.11", port: 80)
    declaration.restriction = "rules restricts access, which is not enforced here"
    let route = validator.validate(declaration)
    #expect(route.pool == .http && route.plan.candidates.count == 1 && route.link.resource != nil)
    #expect(
      validator.steps(of: declaration).last
        == LinkStep(.access, .failed, "not served: rules restricts access, which is not enforced here"))
  }
}
