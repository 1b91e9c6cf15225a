import HTTPMessages
import ProxyTraffic
import ReverseProxy
import RouteModel
import RouteProviders
import StreamProxy
import YAMLDocument

/// Reads `proxy:`.
struct ProxyReader {
  let context: ConfigurationContext

  func read(_ section: YAMLMapping) -> ProxyConfiguration {
    var proxy = ProxyConfiguration()
    proxy.http = address(section, "http")
    proxy.https = address(section, "https")
    reportListeners(section, proxy)
    proxy.certificates = CertificateReader(context: context).read(section)
    proxy.matchDomains = (section.strings("match_domains") ?? []).compactMap(domain)
    readPeers(section, into: &proxy)
    proxy.redirectsHTTP = section.bool("redirect_http") ?? false
    if proxy.redirectsHTTP, section.node("https") == nil {
      context.reader.report(
        "redirect_http needs https, the address that clients are sent to", at: section.position(of: "redirect_http"))
    }
    proxy.addsRouteHeaders = section.bool("upstream_headers") ?? proxy.addsRouteHeaders
    proxy.accessLog = section.mapping("access_log") { accessLog($0) } ?? nil
    section.mapping("timeouts") { Self.readTimeouts($0, into: &proxy) }
    proxy.timeouts.drain = section.duration("drain", atLeast: .zero) ?? proxy.timeouts.drain
    proxy.streams.drain = proxy.timeouts.drain
    section.mapping("limits") { Self.read($0, into: &proxy.limits) }
    proxy.streams.bind = proxy.http?.host ?? proxy.https?.host ?? proxy.streams.bind
    return proxy
  }

  private func reportListeners(_ section: YAMLMapping, _ proxy: ProxyConfiguration) {
    if section.accept(["http", "https"]).isEmpty {
      context.reader.report("proxy needs 'http' or 'https', the address to listen on", at: section.position)
    }
    // Port 0 means any free port, so two of them differ.
    if let http = proxy.http, http == proxy.https, http.port != 0, let https = section.node("https") {
      context.reader.report("https is the address of http, too: give each its own port", at: https.position)
    }
  }

  private func address(_ section: YAMLMapping, _ key: String) -> ProxyConfiguration.Address? {
    section.value(key, "ADDRESS:PORT, such as 127.0.0.1:8080 or [::]:8080") { text in
      guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
        return nil
      }
      let host = text[..<colon]
      guard let address = IPAddress(host), !host.contains("/"), (address.family == .ipv6) == host.hasPrefix("[") else {
        return nil
      }
      return ProxyConfiguration.Address(host: host.filter { $0 != "[" && $0 != "]" }, port: port)
    }
  }

  private func domain(_ text: YAMLText) -> String? {
    if HostText.isName(text.value) { return HostName.fold(text.value) }
    context.reader.report("an entry of match_domains must be a domain, found '\(text.written)'", at: text.position)
    return nil
  }

  private func readPeers(_ section: YAMLMapping, into proxy: inout ProxyConfiguration) {
    let peers = section.strings("trusted_proxies") ?? []
    proxy.trustedProxies = peers.compactMap(network)
    proxy.acceptsProxyProtocol = section.bool("accept_proxy_protocol") ?? false
    if proxy.acceptsProxyProtocol, peers.isEmpty {
      context.reader.report(
        "accept_proxy_protocol needs trusted_proxies, the addresses whose headers are believed",
        at: section.position(of: "accept_proxy_protocol"))
    }
  }

  private func network(_ text: YAMLText) -> IPNetwork? {
    let network = IPNetwork(orAddress: text.value)
    if network == nil {
      context.reader.report(
        "an entry of trusted_proxies must be an address or a network, such as 10.0.0.2 or 10.0.0.0/24, "
          + "found '\(text.written)'", at: text.position)
    } else if text.value.hasSuffix("/0") {
      context.warn(
        "trusted_proxies: \(text.written) is everybody, and anybody can claim to be another client", at: text.position)
    }
    return network
  }

  private func accessLog(_ section: YAMLMapping) -> AccessLogConfiguration? {
    section.reportMissing("path", ": a file, or \"-\" for standard output")
    let format = section.choice("format", AccessLogConfiguration.Format.self)
    guard let text = section.text("path") else { return nil }
    if text.value.isEmpty || text.value.hasSuffix("/") {
      context.reader.report("path must name the log file itself, or '-', found '\(text.written)'", at: text.position)
      return nil
    }
    var log = AccessLogConfiguration(path: text.value == "-" ? "-" : context.resolve(text.value))
    log.format = format ?? log.format
    return log
  }

  private static func readTimeouts(_ section: YAMLMapping, into proxy: inout ProxyConfiguration) {
    func read(_ key: String, into timeout: inout Duration) {
      timeout = section.duration(key, atLeast: .milliseconds(100)) ?? timeout
    }
    read("connect", into: &proxy.timeouts.connect)
    read("request_header", into: &proxy.timeouts.requestHeader)
    read("response_header", into: &proxy.timeouts.responseHeader)
    proxy.timeouts.responseIdle = section.duration("response_idle", atLeast: .milliseconds(100))
    read("idle", into: &proxy.timeouts.idle)
    read("tunnel", into: &proxy.timeouts.tunnel)
    proxy.streams.idleTimeout = proxy.timeouts.tunnel
    read("udp", into: &proxy.streams.datagramTimeout)
    proxy.streams.connectTimeout = proxy.timeouts.connect
  }

  /// With lower limits, browsers with a few cookies are refused; with higher ones, a few clients use up the memory.
  private static func read(_ section: YAMLMapping, into limits: inout MessageLimits) {
    limits.headBytes = section.int("head_bytes", in: 4096...MessageLimits.maxHeadBytes) ?? limits.headBytes
    limits.fieldCount = section.int("head_fields", in: 16...1024) ?? limits.fieldCount
  }
}
