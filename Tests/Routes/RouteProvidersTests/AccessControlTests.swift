import RouteModel
import Testing

@testable import RouteProviders

/// A route with access control that is not enforced is not served; `cidr_whitelist` is enforced.
@Suite struct AccessControlTests {
  @Test(
    arguments: [
      ("middlewares: {oidc: {allowed_users: [me]}}", "middlewares.oidc restricts"),
      ("middlewares: {cidr_whitelist: {allow: []}}", "middlewares.cidr_whitelist restricts"),
      (
        "middlewares: {cidr_whitelist: {allow: [10.0.0.0/8], bypass: [path /x]}}",
        "middlewares.cidr_whitelist restricts"
      ),
      (
        "middlewares: {cidr_whitelist: {allow: [10.0.0.0/8]}, real_ip: {}}",
        "middlewares.cidr_whitelist and middlewares.real_ip restrict"
      ),
      ("middlewares: {cidr_whitelist: {allow: [10.0.0.0/8]}, oidc: {}}", "middlewares.oidc restricts"),
      ("middlewares: {CIDRWhitelist: {}}", "middlewares.CIDRWhitelist restricts"),
      ("middlewares: {cidr_whitelist: {}, real_ip: {}}", "middlewares.cidr_whitelist and middlewares.real_ip restrict"),
      ("middlewares: {request: {set_headers: {A: b}}}", "middlewares.request restricts"),
      ("middlewares: {auth@file: }", "middlewares.auth@file restricts"),
      ("middlewares: {my-own: {}}", "middlewares.my-own restricts"),
      ("middlewares: 'forward_auth: {address: x}'", "middlewares.forward_auth restricts"),
      ("rules: [{name: default, do: pass}]", "rules restricts"), ("rules: 'default { pass }'", "rules restricts"),
      ("rule_file: embed://webui.yml", "rule_file restricts"),
      ("inbound_mtls_profile: corp", "inbound_mtls_profile restricts"),
      ("middlewares: {themed: {}, oidc: }, rule_file: a", "middlewares.oidc and rule_file restrict"),
    ])
  func aRestrictedRouteIsNotServed(_ text: String, _ expected: String) throws {
    let (routes, problems) = try RouteText.parse("app:\n  {\(text)}\n")
    let route = try #require(routes.first)
    let reason = "\(expected) access, which is not enforced here"
    #expect(route.restriction == reason && route.problems.isEmpty)
    let warning = try #require(problems.first { $0.message.contains("not served") })
    #expect(warning.severity == .warning && warning.location.line == 2 && warning.location.column > 3)
    #expect(warning.message.hasPrefix("route 'app' is not served: \(reason). Remove "))
    #expect(warning.message.hasSuffix("or serve the route to everybody with 'ignore_access_control: true'"))
  }

  @Test(
    arguments: [
      "redirect_http", "set_x_forwarded", "setXForwarded", "hide_x_forwarded", "response", "modify_response",
      "modify_html",
      "themed", "error_page", "custom_error_page", "ModifyHTML",
    ])
  func aHarmlessMiddlewareLeavesTheRouteServed(_ name: String) throws {
    let (routes, problems) = try RouteText.parse("app: {middlewares: {\(name): {a: 1}}}")
    #expect(routes.first?.restriction == nil)
    #expect(problems.map(\.message) == ["ignored, without a meaning here: middlewares.\(name) (app)"])
  }

  @Test(arguments: ["ignore_access_control: true", "ignoreAccessControl: yes"])
  func aRouteIsServedToEverybodyWhereItSaysSo(_ key: String) throws {
    let (routes, problems) = try RouteText.parse("app: {middlewares: {oidc: {}}, rules: [a], \(key)}")
    #expect(routes.first?.restriction == nil)
    #expect(
      problems.map(\.description) == [
        "routes.yml:1:21: warning: access is not restricted, as ignore_access_control says: middlewares.oidc (app), rules (app)"
      ])
  }

  @Test(arguments: [
    ("cidr_whitelist: {allow: [10.0.0.0/8, 192.0.2.7, \"fd00::/8\"]}", UInt16(403), String?.none),
    (
      "CIDRWhitelist: {allow: '10.0.0.0/8, 192.0.2.7, fd00::/8', statusCode: 404, message: Go away, priority: 1}", 404,
      "Go away"
    ),
    ("cidrWhitelist: {Allow: [10.0.0.0/8, 192.0.2.7/32, \"fd00::/8\"], status: 451}", 451, nil),
  ])
  func networksAreAllowed(_ text: String, _ status: UInt16, _ message: String?) throws {
    for more in ["", ", ignore_access_control: true"] {
      let (routes, problems) = try RouteText.parse("app: {middlewares: {\(text)}\(more)}")
      let route = try #require(routes.first)
      #expect(route.restriction == nil && problems.isEmpty, "\(problems)")
      let allowed = try #require(route.allowedClients)
      #expect(allowed.networks.map(\.description) == ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"])
      #expect(allowed.status == status && allowed.message == message)
      for client in ["10.1.2.3", "192.0.2.7", "fd12::1", "::ffff:10.0.0.1"] {
        #expect(allowed.admits(client), "\(client)")
      }
      for client in ["11.0.0.1", "192.0.2.8", "fe80::1", "unknown", ""] {
        #expect(!allowed.admits(client), "\(client)")
      }
    }
  }

  @Test(arguments: [
    (
      "{allow: [10.0.0.0/33]}",
      "an entry of allow must be an address or a network, such as 10.0.0.2 or 10.0.0.0/24, found '10.0.0.0/33'"
    ),
    ("{allow: [10.0.0.1], status: 200}", "status must be a whole number from 400 to 599, found '200'"),
  ])
  func networksThatAreNoneAreAnError(_ text: String, _ problem: String) throws {
    let problems = try RouteText.problems("app: {middlewares: {cidr_whitelist: \(text)}}")
    #expect(problems.contains { $0.hasSuffix(problem) }, "\(problems)")
  }

  @Test func eachRestrictedRouteIsNamedWhereItIsRestricted() throws {
    let problems = try RouteText.problems(
      "x-auth: &auth\n  middlewares:\n    oidc: {}\na:\n  <<: *auth\n  port: 1\nb:\n  rules: [x]\nc: {port: 2}\n")
    #expect(problems.count == 2)
    #expect(
      problems[0].hasPrefix("3:5: warning: route 'a' is not served: ")
        && problems[1].hasPrefix("8:3: warning: route 'b'"))
  }

  @Test func middlewaresThatAreNoMappingAreAnError() throws {
    #expect(
      try RouteText.problems("app: {middlewares: [oidc]}") == ["1:20: middlewares must be a mapping, found a list"])
  }
}
