import ControlAPI
import Foundation
import Testing

@testable import Commands

@Suite struct ServedAddressesTests {
  private func route(
    _ alias: String, pool: String = "http", scheme: String = "http", listen: String? = nil,
    target: String? = "http://127.0.0.1:1", restricted: String? = nil
  ) -> RouteJSON {
    RouteJSON(
      key: alias, alias: alias, provider: "file:routes", pool: pool, scheme: scheme, listen: listen, target: target,
      restricted: restricted, link: .unlinked(reason: "no_match", detail: ""),
      health: HealthJSON(status: "healthy", uptimeMilliseconds: 1, latencyMicroseconds: nil, detail: ""))
  }

  private func served(_ proxy: [String: String], domains: [String] = []) -> ServedAddresses {
    ServedAddresses(APIInfo(startedAt: Date(), generation: 1, routes: [:], proxy: proxy, domains: domains))
  }

  @Test(arguments: [
    (["http": "0.0.0.0:80"], [], "plex", "http://plex"), (["http": "127.0.0.1:8080"], [], "plex", "http://plex:8080"),
    (["http": "0.0.0.0:80", "https": "[::]:443"], ["home.example", "b.example"], "plex", "https://plex.home.example"),
    (["https": "[::]:8443"], ["home.example"], "a.other.example", "https://a.other.example:8443"),
  ])
  func namesTheURL(_ proxy: [String: String], _ domains: [String], _ alias: String, _ url: String) {
    #expect(served(proxy, domains: domains).url(of: route(alias)) == url)
  }

  @Test func namesThePortOfAStream() {
    let ssh = route("ssh", pool: "stream", scheme: "tcp", listen: "0.0.0.0:2222")
    #expect(served([:]).url(of: ssh) == "tcp://0.0.0.0:2222")
    #expect(served([:]).url(of: route("dns", pool: "stream", scheme: "udp", listen: "[::]:53")) == "udp://[::]:53")
  }

  @Test func namesNothingThatIsNotServed() {
    let all = served(["http": "0.0.0.0:80"])
    #expect(served([:]).url(of: route("plex")) == nil)
    #expect(all.url(of: route("plex", pool: "excluded")) == nil && all.url(of: route("plex", target: nil)) == nil)
    #expect(all.url(of: route("plex", restricted: "rules restrict it")) == nil)
    #expect(all.url(of: route("ssh", pool: "stream", scheme: "tcp")) == nil)
  }

  @Test(arguments: [nil, 50]) func showsTheURLs(width: Int?) {
    let text = RouteTable.render(
      [route("plex")], served: served(["http": "0.0.0.0:80"], domains: ["home.example"]),
      style: TableStyle(width: width))
    #expect(text.contains("http://plex.home.example"), "\(text)")
    #expect(text.split(separator: "\n")[0].contains("URL") == (width == nil), "below the route if there is no room")
    let none = RouteTable.render([route("plex")], served: served([:]), style: .plain)
    #expect(!none.contains("URL"), "\(none)")
  }

  /// Whether it is http or https decides what a click does.
  @Test(arguments: ["https://10.0.0.11:8006", "tcp://10.0.0.107:2222", "http://a"])
  func neverCutsTheScheme(_ url: String) {
    for width in 14...24 {
      let cut = DisplayWidth.cutURL(url, to: width)
      #expect(cut.hasPrefix(url.prefix { $0 != "/" } + "//") && cut.hasSuffix(url.suffix(1)), "\(cut)")
      #expect(DisplayWidth.of(cut) <= width)
    }
  }
}
