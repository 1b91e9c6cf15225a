import LinuxSystem
import RouteModel
import YAMLDocument

extension RouteReader {
  /// Reads `host`, `port` and `scheme`.
  func readUpstream(into route: inout RouteDeclaration) {
    route.host = host()
    route.scheme = mapping.choice("scheme")
    route.port = port(of: route.alias)
    guard let scheme = route.scheme else { return }
    if !scheme.isStream, let listen = route.port?.listen {
      mapping.reader.warn(
        "the listening port \(listen) is ignored: scheme \(scheme.rawValue) is served at the addresses of 'proxy'",
        at: mapping.position(of: "port"))
      route.port?.listen = nil
    }
    if scheme.isStream, let text = mapping.text("port"), text.value.hasPrefix(":") { route.port?.listen = 0 }
    if scheme.isStream, route.port == nil, mapping.node("port") == nil, mapping.node("tls") == nil,
      UsualPort(of: route.alias, scheme: scheme) == nil
    {
      mapping.reader.warn(
        "scheme \(scheme.rawValue) states no port, so that it is 80: say which is meant",
        at: mapping.position(of: "scheme"))
    }
  }

  private func host() -> String? {
    guard let text = mapping.text("host") else { return nil }
    do { return try HostText.parse(text.value) } catch {
      mapping.reader.report("host '\(text.written)' \(error.reason)", at: text.position)
      return nil
    }
  }

  private func port(of alias: RouteAlias) -> RouteDeclaration.Port? {
    guard let text = mapping.text("port") else { return nil }
    do { return try RouteDeclaration.Port(text: text.value, alias: alias) } catch {
      mapping.reader.report(error.reason, at: text.position)
      return nil
    }
  }
}

/// Why a text is not a valid host or port.
struct InvalidUpstream: Error {
  var reason: String
}

extension RouteDeclaration.Port {
  /// Parses `32400`, or `2222:22` as listen:target; listening on 0 uses any free port. An empty part before the colon
  /// counts as absent, as does a target of 0: the result is nil, or the usual port if the route listens.
  init?(text: String, alias: RouteAlias) throws(InvalidUpstream) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let target = parts[parts.count - 1]
    guard parts.count <= 2, !target.isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }) else {
      throw InvalidUpstream(reason: "port '\(text.excerpt)' is neither a number nor listen:target, such as 2222:22")
    }
    let listen = parts.count == 2 && !parts[0].isEmpty ? try Self.number(parts[0], "listening port") : nil
    let number = try Self.number(target, "port")
    if number == 0, listen == nil { return nil }
    self.init(listen: listen, target: number > 0 ? number : UsualPort(of: alias, scheme: nil)?.port ?? 80)
  }

  private static func number(_ text: Substring, _ name: String) throws(InvalidUpstream) -> UInt16 {
    guard let number = UInt16(text) else {
      throw InvalidUpstream(reason: "\(name) \(text.excerpt) is not between 0 and 65535")
    }
    return number
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
