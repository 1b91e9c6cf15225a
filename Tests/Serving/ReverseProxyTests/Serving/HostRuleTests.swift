import Testing

@testable import ReverseProxy

/// The hosts whose first label can be an alias.
@Suite struct HostRuleTests {
  private func alias(_ host: String, under domains: [String] = []) -> String? {
    HostRule(matchDomains: domains).aliasLength(of: host.utf8.span).map {
      String(decoding: host.utf8.prefix($0), as: UTF8.self)
    }
  }

  @Test(
    "without match_domains, names that no public DNS gives out",
    arguments: [
      ("web", "web"), ("web.lan", "web"), ("web.LAN", "web"), ("web.home.lan", "web"), ("web.home.arpa", "web"),
      ("web.evillan", nil), ("web.evil-lan", nil), ("web.lan.example.org", nil), ("web.arpa", nil),
      ("web.example.com", nil), ("web.an", nil), ("10.0.0.1", nil), ("[::1]", nil), ("", ""),
    ])
  func takesLocalNames(host: String, expected: String?) { #expect(alias(host) == expected) }

  @Test(
    "with match_domains, those domains and nothing below or beside them",
    arguments: [
      ("web", "web"), ("web.home.example", "web"), ("web.HOME.example", "web"), ("web.a.home.example", nil),
      ("web.evilhome.example", nil), ("web.lan", nil), ("home.example", nil),
    ])
  func takesTheDomainsOfTheUser(host: String, expected: String?) {
    #expect(alias(host, under: ["home.example"]) == expected)
  }
}
