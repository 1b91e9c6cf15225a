import RouteModel
import RouteProviders

/// The URL of a PVE node's API: `https://HOST:PORT`, with port 8006 as the default.
package struct Endpoint: Hashable, Sendable {
  package let url: String

  /// Why a text is not a valid endpoint. Does not reveal a user name or password in it.
  package struct Invalid: Error {
    package var reason: String
  }

  /// A host as a person enters it: `10.0.0.11`, `pve1.lan:8006`, `fd00::1`, or the whole URL.
  package init(host text: String) throws(Invalid) {
    if text.contains("@") {
      throw Invalid(reason: "holds a user name: name the host alone, and give the login with --username")
    }
    let isBareIPv6 = text.utf8.count { $0 == UInt8(ascii: ":") } > 1 && !text.contains("/") && !text.hasPrefix("[")
    try self.init(text.contains("://") ? text : isBareIPv6 ? "https://[\(text)]" : "https://\(text)")
  }

  package init(_ text: String) throws(Invalid) {
    let authority = try Self.authority(of: text)
    let (host, port) = try Self.split(authority, of: text)
    guard let number = UInt16(port), number > 0 else {
      throw Invalid(reason: "'\(text)': port \(port) is not between 1 and 65535")
    }
    if let address = IPAddress(host), !host.contains("/") {
      url = "https://\(address.family == .ipv6 ? "[\(address)]" : address.description):\(number)"
    } else if HostText.isName(host) {
      url = "https://\(host.lowercased()):\(number)"
    } else if !host.utf8.allSatisfy({ $0 < 0x80 }) {
      throw Invalid(reason: "'\(text)': the host is not ASCII: write the form of the name that DNS has, xn--…")
    } else {
      throw Invalid(reason: "'\(text)' names no host: wanted https://HOST:8006")
    }
  }

  /// The host without brackets.
  package var host: String {
    let authority = url.dropFirst("https://".count)
    return authority[..<(authority.lastIndex(of: ":") ?? authority.endIndex)].filter { $0 != "[" && $0 != "]" }
  }

  package var port: Substring { url[(url.lastIndex(of: ":") ?? url.startIndex)...].dropFirst() }

  /// The part between `https://` and the end.
  private static func authority(of text: String) throws(Invalid) -> Substring {
    if text.contains("@") {
      throw Invalid(reason: "holds a user name: log in with token_id, or with username and password_file")
    }
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
      throw Invalid(reason: "'\(text)' has no scheme: write https://\(text)")
    }
    var rest = text[colon...].dropFirst(3)
    switch text[..<colon].lowercased() {
    case "https": break
    case "http":
      throw Invalid(
        reason: "'\(text)' would send the token unencrypted, and PVE speaks https only: write https://\(rest)")
    default: throw Invalid(reason: "'\(text)' must begin with https://")
    }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if let end = rest.firstIndex(where: { "/?#".contains($0) }) {
      throw Invalid(reason: "'\(text)' has a path: write https://\(rest[..<end])")
    }
    return rest
  }

  private static func split(
    _ authority: Substring, of text: String
  ) throws(Invalid) -> (host: String, port: Substring) {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      let rest = authority[authority.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw Invalid(reason: "'\(text)' names no host") }
      return (String(authority[...end]), rest.isEmpty ? "8006" : rest.dropFirst())
    }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 2 {
      throw Invalid(reason: "'\(text)': an IPv6 address needs brackets, as in https://[fd00::1]:8006")
    }
    return (String(parts[0]), parts.count == 2 ? parts[1] : "8006")
  }
}
