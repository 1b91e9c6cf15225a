import RouteModel
import YAMLDocument

extension RouteReader {
  /// Reads the keys of streams: `bind`, `relay_proxy_protocol_header`, `tls_termination`, `tls`.
  func readStream(into route: inout RouteDeclaration) {
    route.bind = mapping.value("bind", "an IP address") { IPAddress($0)?.description }
    route.relayedProxyHeader = relayedProxyHeader()
    route.streamTLS = streamTLS()
    reportWhatHasNoEffect(route)
  }

  /// Reports keys without effect, because a route that only seems to use TLS or to pass on client addresses would be
  /// relied on. HTTP routes may have the two older keys, as in GoDoxy's files.
  private func reportWhatHasNoEffect(_ route: RouteDeclaration) {
    guard let scheme = route.scheme, scheme != .tcp else { return }
    let given = [
      ("relay_proxy_protocol_header", route.relayedProxyHeader != nil && scheme == .udp),
      ("tls_termination", route.streamTLS == .terminated && scheme == .udp),
      ("tls", route.streamTLS == .passthrough),
    ]
    for (key, isGiven) in given where isGiven {
      mapping.reader.report("\(key) is for scheme tcp, but scheme is \(scheme.rawValue)", at: mapping.position(of: key))
    }
  }

  /// `true` selects the newer version, which carries the same data in fewer bytes.
  private func relayedProxyHeader() -> ProxyProtocolVersion? {
    mapping.value("relay_proxy_protocol_header", "true, false, v1 or v2") { text -> ProxyProtocolVersion?? in
      switch text.lowercased() {
      case "v2", "true", "yes", "on": .v2
      case "v1": .v1
      case "false", "no", "off": .some(nil)
      default: nil
      }
    } ?? nil
  }

  private func streamTLS() -> StreamTLS {
    let terminates = mapping.bool("tls_termination") ?? false
    let passes = mapping.value("tls", "passthrough") { $0 == "passthrough" ? true : nil } ?? false
    if terminates, passes {
      mapping.reader.report(
        "tls: passthrough and tls_termination exclude each other: TLS ends here, or at the upstream",
        at: mapping.position(of: "tls"))
    }
    return passes ? .passthrough : terminates ? .terminated : .untouched
  }
}
