import LinuxSystem
import RouteModel
import YAMLDocument

extension RouteReader {
  /// `host`, `port` and `scheme`.
  func readUpstream(into route: inout RouteDeclaration) {
    route.host = host()
    route.scheme = mapping.choice("scheme")
    route.port = port()
    guard let scheme = route.scheme else { return }
    if !scheme.isStream, route.port?.listen != nil {
      mapping.reader.report(
        "a port of the form listen:target makes a stream, but scheme is \(scheme.rawValue): "
          + "use scheme tcp or udp, or the target port alone", at: mapping.position(of: "port"))
    }
    if scheme.isStream, mapping.node("port") == nil, mapping.node("tls") == nil {
      mapping.reader.report("scheme \(scheme.rawValue) needs a port", at: mapping.position(of: "scheme"))
    }
  }

  private func host() -> String? {
    guard let text = mapping.text("host") else { return nil }
    do { return try HostText.parse(text.value) } catch {
      mapping.reader.report("host '\(text.written)' \(error.reason)", at: text.position)
      return nil
    }
  }

  private func port() -> RouteDeclaration.Port? {
    guard let text = mapping.text("port") else { return nil }
    do { return try RouteDeclaration.Port(text: text.value) } catch {
      mapping.reader.report(error.reason, at: text.position)
      return nil
    }
  }
}

/// Why a text is no host or no port.
struct InvalidUpstream: Error {
  var reason: String
}

extension RouteDeclaration.Port {
  /// Reads `32400`, or `2222:22` as listen:target; listening on 0 takes any free port.
  init(text: String) throws(InvalidUpstream) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) }) else {
      throw InvalidUpstream(reason: "port '\(text.excerpt)' is neither a number nor listen:target, such as 2222:22")
    }
    let listen = parts.count == 2 ? try Self.number(parts[0], "listening port", from: 0) : nil
    self.init(listen: listen, target: try Self.number(parts[parts.count - 1], "port", from: 1))
  }

  private static func number(_ text: Substring, _ name: String, from minimum: UInt16) throws(InvalidUpstream) -> UInt16
  {
    guard let number = UInt16(text), number >= minimum else {
      throw InvalidUpstream(reason: "\(name) \(text.excerpt) is not between \(minimum) and 65535")
    }
    return number
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
