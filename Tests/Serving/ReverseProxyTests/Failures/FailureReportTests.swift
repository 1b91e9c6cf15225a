import FileServing
import Foundation
import HTTPMessages
import RouteModel
import Testing

@testable import ReverseProxy

@Suite struct FailureReportTests {
  @Test(
    arguments: [
      (.noRoute(host: "x.home"), 404, "route_not_found"), (.noTarget(reason: "it has no port"), 503, "no_target"),
      (.badRequest(.host), 400, "bad_host"), (.badRequest(.contentLength), 400, "bad_request"),
      (.badRequest(.headTooLarge(limit: 32768)), 431, "head_too_large"),
      (.badRequest(.tooManyFields(limit: 128)), 431, "head_too_large"), (.badRequest(.version), 505, "bad_request"),
      (.clientTooSlow, 408, "request_timeout"),
      (.restricted(reason: "middlewares.oidc restricts access"), 403, "access_restricted"),
      (.unreachable(.refused), 502, "upstream_refused"), (.unreachable(.timedOut), 504, "upstream_connect_timeout"),
      (.unreachable(.noSuchName), 502, "upstream_unresolved"),
      (.unreachable(.noNetworkPath), 502, "upstream_unreachable"),
      (.untrusted(reason: "its certificate is not the pinned one"), 502, "upstream_untrusted"),
      (.overloaded, 503, "overloaded"), (.upstreamBusy(limit: 2), 503, "upstream_busy"), (.loop, 508, "loop"),
      (.timedOut, 504, "upstream_timeout"),
      (.connectionLost, 502, "upstream_lost"), (.noUpgrade, 501, "upgrade_not_supported"),
      (.badResponse("the first line is none"), 502, "upstream_bad_response"), (.file(.notFound), 404, "file_not_found"),
      (.file(.badPath("it must not hold '..'")), 400, "bad_path"), (.file(.forbidden), 403, "file_forbidden"),
      (.file(.methodNotAllowed), 405, "method_not_allowed"), (.file(.preconditionFailed), 412, "precondition_failed"),
      (.file(.rangeNotSatisfiable(size: 10)), 416, "range_not_satisfiable"),
      (.file(.rootUnavailable("No such file or directory")), 503, "root_unavailable"),
      (.file(.unreadable("Input/output error")), 503, "file_unreadable"),
    ] as [(ProxyFailure, UInt16, String)])
  func hasAStatusAndACodeForEachFailure(failure: ProxyFailure, status: UInt16, code: String) throws {
    #expect(failure.status == status)
    for route in [nil, try Route.failing()] {
      let report = FailureReport(failure, route: route)
      #expect((report.status, report.code) == (status, code))
      #expect(report.message.hasSuffix("."))
      #expect(!report.hint.isEmpty)
      let everything = FailureFormat.allCases.map(report.body).joined()
      for secret in ["10.0.0.50", "/etc/", "Optional(", "nil"] { #expect(!everything.contains(secret), "\(secret)") }
    }
  }

  @Test(
    arguments: [
      (ProxmoxLink.plex(.lxc, .stopped), "guest_stopped", "container 105 (plex) is stopped", "pct start 105"),
      (.plex(.qemu, .stopped), "guest_stopped", "VM 105 (plex) is stopped", "qm start 105"),
      (.plex(.qemu, GuestStatus("paused")), "guest_not_running", "VM 105 (plex) is paused", "qm resume 105"),
      (.plex(.lxc, .stopped, name: nil), "guest_stopped", "container 105 is stopped", "pct start 105"),
      (.plex(.qemu, GuestStatus("prelaunch")), "guest_not_running", "VM 105 (plex) is prelaunch", nil),
    ] as [(ProxmoxLink, String, String, String?)])
  func saysThatTheGuestIsDownAndHowToStartIt(
    link: ProxmoxLink, code: String, title: String, command: String?
  ) throws {
    for how in [ProxyFailure.Unreachable.refused, .timedOut, .noNetworkPath, .noSuchName] {
      let report = FailureReport(.unreachable(how), route: try .failing(link))
      #expect((report.status, report.code, report.title, report.command) == (503, code, title, command))
      #expect(report.retryAfter != nil)
      #expect(report.message.contains("on pve1"))
      #expect(report.responseFields(.json).contains { $0.name == "Retry-After" })
    }
  }

  /// The upstream accepted the connection, so the guest state in PVE does not explain the failure.
  @Test(
    arguments: [
      .timedOut, .connectionLost, .badResponse("x"), .untrusted(reason: "x"), .overloaded,
    ] as [ProxyFailure])
  func prefersTheUpstreamsFailureToThePVEState(failure: ProxyFailure) throws {
    #expect(FailureReport(failure, route: try .failing(.plex(.lxc, .stopped))).status == failure.status)
  }

  @Test(arguments: [
    ProxmoxLink.plex(.lxc, .running), .plex(.lxc, .unknown), .pve1, .unlinked(.init(.noMatch, "")),
  ])
  func doesNotBlameAGuestThatMayRun(link: ProxmoxLink) throws {
    let report = FailureReport(.unreachable(.refused), route: try .failing(link))
    #expect((report.status, report.code) == (502, "upstream_refused"))
    #expect(report.command == "pvescout explain plex")
    #expect(report.message.contains("port 32400"))
  }

  @Test(arguments: [
    (
      ProxmoxLink.ambiguous(
        [.plex(.lxc, .running), .plex(.lxc, .running, vmid: 106, name: "web")], reason: "10.0.0.50"),
      "it fits several: container 105 (plex) on pve1, container 106 (web) on pve1"
    ),
    (
      .unlinked(.init(.inventoryPending, "not read yet: https://10.0.0.11:8006")), "not every cluster has been read yet"
    ),
    (.unlinked(.init(.lost, "10.0.0.50")), "what it was linked to is gone"),
    (
      .unlinked(.init(.noMatch, "nothing is named 'jelyfin'; guest 105 is 'jellyfin'")),
      "it states no host, and no node and no guest has its name"
    ),
    (.unlinked(.init(.notFound, "10.0.0.50")), "no node and no guest fits it"),
    (.plex(.lxc, .running), "no address of container 105 (plex) on pve1 is known"),
    (.unlinked(.init(.notLookedUp, "10.0.0.50")), "it has no port"),
  ])
  func saysWhyARouteHasNoTarget(link: ProxmoxLink, why: String) throws {
    let report = FailureReport(.noTarget(reason: "it has no port"), route: try .failing(link, target: nil))
    #expect(report.message == "The route has no target: \(why).")
    #expect(report.command == "pvescout explain plex")
  }

  @Test func includesRouteGuestAndNode() throws {
    let report = FailureReport(.timedOut, route: try .failing())
    #expect(
      report.facts.map { "\($0.name)=\($0.value)" } == [
        "Route=plex", "Guest=container 105 (plex)", "Node=pve1", "Answer=504 upstream_timeout",
      ])
    #expect(FailureReport(.timedOut, route: try .failing(.pve1)).facts.map(\.name) == ["Route", "Node", "Answer"])
    #expect(FailureReport(.noRoute(host: "x"), route: nil).facts.map(\.name) == ["Answer"])
  }

  @Test func usesTheJSONOfTheControlSocket() throws {
    let report = FailureReport(.unreachable(.refused), route: try .failing(.plex(.lxc, .stopped)))
    let answer = try JSONSerialization.jsonObject(with: Data(report.body(.json).utf8)) as? [String: [String: String]]
    #expect(
      answer == [
        "error": [
          "code": "guest_stopped",
          "message": "The service does not answer, as container 105 (plex) on pve1 is stopped.",
          "hint": "Start it. On node pve1, as root: pct start 105",
        ]
      ])
  }

  @Test(
    arguments: [
      (.targetCharacter, "percent-encoded: /%C3%A4"), (.scheme, "RFC 9113 for HTTP/2"),
      (.fieldLine, "does not keep to HTTP (RFC 9112"),
    ] as [(MessageFault, String)])
  func suggestsWhatToSendInstead(fault: MessageFault, words: String) {
    #expect(FailureReport(.badRequest(fault), route: nil).hint.contains(words))
  }

  @Test func supportsPlainText() throws {
    let report = FailureReport(.unreachable(.refused), route: try .failing(.plex(.lxc, .stopped)))
    #expect(
      report.body(.text) == """
        503 container 105 (plex) is stopped

        The service does not answer, as container 105 (plex) on pve1 is stopped.
        Start it. On node pve1, as root:

            pct start 105

        """)
  }
}

@Suite struct FailurePageTests {
  private static let hostile = "<script>alert('x')</script>\"&\u{202E}\0\u{1B}"

  /// Untrusted text: hosts, names of guests and nodes, and reasons from upstreams and files.
  @Test(
    arguments: [
      .noRoute(host: hostile), .noTarget(reason: hostile), .badResponse(hostile), .untrusted(reason: hostile),
      .file(.badPath(hostile)), .file(.unreadable(hostile)), .unreachable(.refused), .timedOut,
    ] as [ProxyFailure])
  func escapesUntrustedText(failure: ProxyFailure) throws {
    for status in [GuestStatus.stopped, .running, GuestStatus(Self.hostile)] {
      let route = try Route.failing(.plex(.lxc, status, name: Self.hostile))
      let report = FailureReport(failure, route: route)
      for format in [FailureFormat.html, .json, .text] {
        #expect(
          report.body(format).unicodeScalars.allSatisfy { !["\u{202E}", "\0", "\u{1B}"].contains($0) }, "\(format)")
      }
      let page = report.body(.html)
      #expect(!page.contains("<script"))
      #expect(page.contains("&lt;script&gt;"))
      #expect(page.components(separatedBy: "</title>").count == 2)
    }
  }

  @Test func truncatesLongText() {
    let page = FailureReport(.noRoute(host: String(repeating: "<", count: 30_000)), route: nil).body(.html)
    #expect(page.utf8.count < 16_000)
  }

  @Test func isSelfContained() throws {
    let page = FailureReport(.connectionLost, route: try .failing()).body(.html)
    for reference in ["http:", "https:", "src=", "href=", "url(", "@import", "<script"] {
      #expect(!page.contains(reference), "\(reference)")
    }
    #expect(page.contains("prefers-color-scheme: dark"))
  }
}
