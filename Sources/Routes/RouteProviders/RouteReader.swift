import PeerTrust
import RouteModel
import YAMLDocument

/// Reads the mapping of one route; problems go to the mapping's reader and leave the property unchanged.
struct RouteReader {
  let mapping: YAMLMapping
  let baseDirectory: String

  /// Returns the keys without effect.
  func read(into route: inout RouteDeclaration) -> [UnusedKey] {
    mapping.suggest(Self.suggestions)
    readUpstream(into: &route)
    readTransport(into: &route)
    let folder = readFileServer(into: &route)
    readHealthCheck(into: &route)
    return readAccessControl(into: &route) + readProxmox(into: &route) + folder + unusedKeys()
  }

  /// Hints for keys that are often mistaken for another one.
  private static let suggestions: [String: String] = {
    let host = "write 'host', with the name or address alone"
    let link = "it belongs into 'proxmox', as in 'proxmox: {vmid: 105}'"
    return [
      "ip": host, "address": host, "addr": host, "hostname": host, "target": host, "upstream": host, "backend": host,
      "server": host, "url": "write 'host', and 'scheme' and 'port' beside it", "protocol": "write 'scheme'",
      "proto": "write 'scheme'", "ports": "write 'port'", "vmid": link, "node": link, "lxc": link, "vm": link,
    ]
  }()

  private func readTransport(into route: inout RouteDeclaration) {
    route.noTLSVerify = mapping.bool("no_tls_verify") ?? false
    route.tlsServerName = tlsServerName()
    route.tlsCAFile = mapping.string("ssl_trusted_certificate").map { FilePath.join(baseDirectory, $0) }
    route.tlsPins = pins(contradicted: route.noTLSVerify || route.tlsCAFile != nil)
    readStream(into: &route)
    route.responseHeaderTimeout = mapping.duration("response_header_timeout", atLeast: .milliseconds(1))
    route.connectionLimit = mapping.int("max_conns_per_host", in: 0...1_000_000).flatMap { $0 == 0 ? nil : $0 }
  }

  /// `on` is the host's own name, which is also the default.
  private func tlsServerName() -> TLSServerName? {
    mapping.value("ssl_server_name", "a host name, or 'off'") { text -> TLSServerName?? in
      switch text {
      case "off": .off
      case "on": .some(nil)
      default: HostText.isName(text) ? .named(text) : nil
      }
    } ?? nil
  }

  /// Nil if there are no pins, or one of them is invalid, which is reported.
  private func pins(contradicted: Bool) -> [CertificateFingerprint]? {
    guard let texts = mapping.strings("ssl_fingerprint") else { return nil }
    if texts.isEmpty { mapping.reader.report("ssl_fingerprint is empty", at: mapping.position(of: "ssl_fingerprint")) }
    let pins = texts.compactMap { text in
      let pin = CertificateFingerprint(text.value)
      if pin == nil {
        mapping.reader.report(
          "ssl_fingerprint must be the SHA-256 of the upstream's certificate, 64 hex digits, found '\(text.written)': "
            + "run 'openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -fingerprint -sha256'",
          at: text.position)
      }
      return pin
    }
    if contradicted {
      mapping.reader.report(
        "ssl_fingerprint alone decides what is trusted: leave out no_tls_verify and ssl_trusted_certificate",
        at: mapping.position(of: "ssl_fingerprint"))
    }
    return pins
  }

  /// Returns the keys that have no effect on a route of another scheme.
  private func readFileServer(into route: inout RouteDeclaration) -> [UnusedKey] {
    route.root = mapping.string("root").map { FilePath.join(baseDirectory, $0) }
    route.isSinglePageApp = mapping.bool("spa") ?? false
    route.index = mapping.string("index")
    if route.scheme == .fileserver, mapping.node("root") == nil {
      mapping.reader.report("scheme fileserver needs 'root', the folder to serve", at: mapping.position(of: "scheme"))
    }
    guard route.scheme != .fileserver else { return [] }
    return mapping.accept(["root", "spa", "index"]).map { UnusedKey($0.key, $0, .fileServerOnly) }
  }
}
