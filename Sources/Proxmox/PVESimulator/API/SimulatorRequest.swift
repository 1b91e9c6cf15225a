/// A request for the API: decoded once, query and form parameters merged.
struct SimulatorRequest {
  var method: String
  /// Without the query.
  var path: String
  /// Below `/api2/json`; nil for other requests.
  var segments: [String]?
  var parameters: [String: String]
  var authorization: String?
  var cookie: String?
  var csrfToken: String?
  /// The node that the client is connected to.
  var localNode: String
  /// The address that the client is connected to.
  var localAddress: String?

  init(
    method: String, target: String, authorization: String?, cookie: String?, csrfToken: String? = nil,
    body: [UInt8], localNode: String, localAddress: String? = nil
  ) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    self.path = String(parts[0])
    self.authorization = authorization
    self.cookie = cookie
    self.csrfToken = csrfToken
    self.localNode = localNode
    self.localAddress = localAddress
    let segments = parts[0].split(separator: "/").map(percentDecoded)
    self.segments = segments.starts(with: ["api2", "json"]) ? Array(segments.dropFirst(2)) : nil
    let query = parts.count > 1 ? formFields(parts[1]) : [:]
    self.parameters = query.merging(formFields(Substring(decoding: body, as: UTF8.self))) { first, _ in first }
    parameters["_dc"] = nil
  }

  /// The path below `/api2/json`, as in error texts.
  var apiPath: String { "/" + (segments ?? []).joined(separator: "/") }
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5.1).
private func formFields(_ text: Substring) -> [String: String] {
  var fields: [String: String] = [:]
  for pair in text.split(separator: "&") {
    let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count > 1 ? String(parts[1].map { $0 == "+" ? " " : $0 }) : ""
    fields[percentDecoded(parts[0])] = percentDecoded(Substring(value))
  }
  return fields
}

/// A percent sign that is not followed by two hex digits is unchanged.
func percentDecoded(_ text: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = Substring(text).utf8
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16), rest.count >= 2 {
      bytes.append(value)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
