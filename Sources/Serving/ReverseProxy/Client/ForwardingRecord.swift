import HTTPMessages
import RouteModel

/// The forwarding data of a request from a trusted proxy, read from `X-Forwarded-*`, `Forwarded` (RFC 7239), or both.
///
/// If the two differ, `X-Forwarded-*` wins. The upstream gets the same data in both.
struct ForwardingRecord {
  /// The client first, as in X-Forwarded-For; `unknown` for an entry that is no address.
  let addresses: [String]
  /// Scheme of the client's request, such as `https`; nil if it is missing.
  let scheme: String?
  /// Host of the client's request; nil if it is missing.
  let host: String?
  /// The elements for Forwarded, without that of this proxy.
  let elements: String

  init(_ fields: HeadFields) {
    let forwarded = ForwardedElement.list(fields.list(of: .forwarded) ?? "")
    let listed = (fields.list(of: .xForwardedFor) ?? "").split(separator: ",").map(\.trimmingBlanks)
      .filter { !$0.isEmpty }.map(Self.address)
    addresses = listed.isEmpty ? forwarded.compactMap(\.client).map(Self.address) : listed
    let scheme = fields.value(of: .xForwardedProto).map { $0.prefix { $0 != "," }.trimmingBlanks.lowercased() }
    self.scheme = (scheme ?? forwarded.first?.scheme?.lowercased()).flatMap { Self.isScheme($0) ? $0 : nil }
    let host = fields.value(of: .xForwardedHost).map { String($0.prefix { $0 != "," }.trimmingBlanks) }
    self.host = (host ?? forwarded.first?.host).flatMap { Self.isHost($0) ? $0 : nil }

    let agree =
      forwarded.compactMap(\.client).map(Self.address) == addresses
      && forwarded.first?.scheme?.lowercased() == self.scheme
      && forwarded.first?.host == self.host
    elements = agree ? fields.list(of: .forwarded) ?? "" : Self.elements(addresses, self.scheme, self.host, forwarded)
  }

  /// Forwarded elements made from the data of X-Forwarded-*. The `by` parameters are kept: they show loops.
  private static func elements(
    _ addresses: [String], _ scheme: String?, _ host: String?, _ forwarded: [ForwardedElement]
  ) -> String {
    var elements = addresses.map { "for=\(ClientPeer.node($0))" }
    let client = [elements.first, scheme.map { "proto=\($0)" }, host.map { "host=\"\($0)\"" }].compactMap { $0 }
    if !client.isEmpty { elements.replaceSubrange(..<min(1, elements.count), with: [client.joined(separator: ";")]) }
    elements += forwarded.compactMap(\.proxy).filter(ProxyIdentity.isToken).map { "by=\($0)" }
    return elements.joined(separator: ", ")
  }

  private static func address(_ entry: some StringProtocol) -> String {
    IPAddress(forwarded: Substring(entry)).map { "\($0)" } ?? "unknown"
  }

  private static func isScheme(_ text: String) -> Bool { ["http", "https", "ws", "wss"].contains(text) }

  private static func isHost(_ text: String) -> Bool {
    (1...261).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x3a, 0x5b, 0x5d, 0x5f: true
        default: false
        }
      }
  }
}

/// One element of Forwarded, added by one proxy (RFC 7239 §4).
private struct ForwardedElement {
  /// `for`, without quotes.
  var client: String?
  /// `by`
  var proxy: String?
  /// `proto`
  var scheme: String?
  var host: String?

  static func list(_ text: String) -> [ForwardedElement] {
    split(text[...], at: ",").map { element in
      var result = ForwardedElement()
      for pair in split(element, at: ";") {
        guard let equals = pair.firstIndex(of: "=") else { continue }
        let value = unquoted(pair[pair.index(after: equals)...].trimmingBlanks)
        switch pair[..<equals].trimmingBlanks.lowercased() {
        case "for": result.client = result.client ?? value
        case "by": result.proxy = result.proxy ?? value
        case "proto": result.scheme = result.scheme ?? value
        case "host": result.host = result.host ?? value
        default: break
        }
      }
      return result
    }
  }

  /// The parts between unquoted separators, trimmed and without empty ones.
  private static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var (start, isQuoted, isEscaped) = (text.startIndex, false, false)
    for index in text.indices {
      let character = text[index]
      if isEscaped {
        isEscaped = false
      } else if isQuoted, character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == separator, !isQuoted {
        parts.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    parts.append(text[start...])
    return parts.map(\.trimmingBlanks).filter { !$0.isEmpty }
  }

  private static func unquoted(_ value: Substring) -> String {
    guard value.count >= 2, value.first == "\"", value.last == "\"" else { return String(value) }
    return String(value.dropFirst().dropLast().replacing("\\", with: ""))
  }
}
