import RouteModel
import YAMLDocument

/// Reads the mapping of one route; what is wrong goes to the mapping's reader and leaves its member as it was.
struct RouteReader {
  let mapping: YAMLMapping
  let baseDirectory: String

  func read(into route: inout RouteDeclaration) {
    readUpstream(into: &route)
    readTransport(into: &route)
    readFileServer(into: &route)
    readProxmox(into: &route)
    readHealthCheck(into: &route)
  }

  /// The entries that are accepted without a meaning.
  static func ignoredEntries(of mapping: YAMLMapping) -> [YAMLEntry] {
    let idlewatcher = mapping.entry("idlewatcher").flatMap { entry in
      // Its link is used, so that a mapping with nothing else loses nothing.
      entry.value.entries.map { $0.allSatisfy { $0.key == "proxmox" } } == true ? nil : entry
    }
    return mapping.accept(IgnoredKeys.names) + [idlewatcher].compactMap { $0 }
  }

  private func readTransport(into route: inout RouteDeclaration) {
    route.noTLSVerify = mapping.bool("no_tls_verify") ?? false
    route.tlsServerName = mapping.value("ssl_server_name", "a host name") { HostText.isName($0) ? $0 : nil }
    route.tlsCAFile = mapping.string("ssl_trusted_certificate").map { FilePath.join(baseDirectory, $0) }
    route.tlsPins = pins(contradicted: route.noTLSVerify || route.tlsCAFile != nil)
    readStream(into: &route)
    route.disableCompression = mapping.bool("disable_compression") ?? false
    route.responseHeaderTimeout = mapping.duration("response_header_timeout", atLeast: .milliseconds(1))
  }

  /// Nil where none are stated, or one of them is none: what is wrong is told.
  private func pins(contradicted: Bool) -> [CertificatePin]? {
    guard let texts = mapping.strings("ssl_fingerprint") else { return nil }
    if texts.isEmpty { mapping.reader.report("ssl_fingerprint is empty", at: mapping.position(of: "ssl_fingerprint")) }
    let pins = texts.compactMap { text in
      let pin = CertificatePin(text.value)
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
        "ssl_fingerprint alone says whom to trust: leave out no_tls_verify and ssl_trusted_certificate",
        at: mapping.position(of: "ssl_fingerprint"))
    }
    return pins
  }

  private func readFileServer(into route: inout RouteDeclaration) {
    route.root = mapping.string("root").map { FilePath.join(baseDirectory, $0) }
    route.isSinglePageApp = mapping.bool("spa") ?? false
    route.index = mapping.string("index")
    if route.scheme == .fileserver, mapping.node("root") == nil {
      mapping.reader.report("scheme fileserver needs 'root', the folder to serve", at: mapping.position(of: "scheme"))
    }
  }
}
