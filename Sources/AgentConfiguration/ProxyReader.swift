import RouteModel
import RouteProviders
import YAMLDocument

/// Reads `proxy:`.
struct ProxyReader {
  let context: ConfigurationContext

  func read(_ section: YAMLMapping) -> AgentConfiguration.Proxy {
    var proxy = AgentConfiguration.Proxy()
    proxy.http = address(section, "http")
    proxy.https = address(section, "https")
    proxy.certificate = section.string("certificate").map(context.resolve)
    proxy.key = section.string("key").map(context.resolve)
    proxy.matchDomains = (section.strings("match_domains") ?? []).compactMap(domain)
    if section.accept(["http", "https"]).isEmpty {
      context.reader.report("proxy needs 'http' or 'https', the address to listen on", at: section.position)
    }
    if section.node("https") != nil {
      section.reportMissing("certificate", ": https needs it, a PEM file")
      section.reportMissing("key", ": https needs it, a PEM file")
    }
    return proxy
  }

  private func address(_ section: YAMLMapping, _ key: String) -> String? {
    section.value(key, "ADDRESS:PORT, such as 127.0.0.1:8080 or [::]:8080") { text in
      guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else { return nil }
      let host = text[..<colon]
      guard let address = IPAddress(host), !host.contains("/"), (address.family == .ipv6) == host.hasPrefix("[") else {
        return nil
      }
      return text
    }
  }

  private func domain(_ text: YAMLText) -> String? {
    if HostText.isName(text.value) { return HostName.fold(text.value) }
    context.reader.report("an entry of match_domains must be a domain, found '\(text.written)'", at: text.position)
    return nil
  }
}
