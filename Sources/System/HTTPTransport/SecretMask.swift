import PrintableText

/// Masks this request's secrets in the peer's answer, which may repeat them in an error or a name.
struct SecretMask: Sendable {
  /// Shorter texts may occur by coincidence.
  private static let (shortest, shortestInBody) = (4, 8)
  private static let cover = Array("***".utf8)

  /// As they are, and as encoded in URLs, forms and JSON. The longest first.
  private let forms: [[UInt8]]

  init(_ secrets: [String]) {
    let all = secrets.flatMap { secret in
      let encoded = PercentCoding.encode(secret)
      return [
        secret, encoded, Self.withLowerCaseHexDigits(encoded),
        Self.escaped(secret, slash: false), Self.escaped(secret, slash: true),
      ]
    }
    forms = Set(all.map { Array($0.utf8) }).filter { $0.count >= Self.shortest }
      .sorted { ($1.count, $1.first ?? 0) < ($0.count, $0.first ?? 0) }
  }

  /// Masks the secrets in the reason phrase, the headers and the body.
  func masked(_ response: HTTPResponse) -> HTTPResponse {
    guard !forms.isEmpty else { return response }
    var masked = response
    masked.reasonPhrase = self.masked(response.reasonPhrase)
    masked.headers = response.headers.map { (self.masked($0.name), self.masked($0.value)) }
    // A short password may be an ordinary word of a successful answer.
    let isGood = (200..<300).contains(response.status)
    masked.body = self.masked(response.body, atLeast: isGood ? Self.shortestInBody : Self.shortest)
    return masked
  }

  /// Masks the secrets where an error quotes the peer.
  func masked(_ error: HTTPTransportError) -> HTTPTransportError {
    switch error {
    case .malformedResponse(let reason): .malformedResponse(reason: masked(reason))
    case .connectionClosed(let reason): .connectionClosed(reason: masked(reason))
    default: error
    }
  }

  private func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let masked = masked(bytes, atLeast: Self.shortest)
    return masked == bytes ? text : String(decoding: masked, as: UTF8.self)
  }

  private func masked(_ bytes: [UInt8], atLeast length: Int) -> [UInt8] {
    forms.filter { $0.count >= length }.reduce(bytes) { Self.replace($1, in: $0) }
  }

  /// Copies nothing if there is no match. Horspool's search: it examines about one byte per length of the secret.
  private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var steps = [Int](repeating: secret.count, count: 256)
    for (index, byte) in secret.dropLast().enumerated() { steps[Int(byte)] = secret.count - 1 - index }
    var (result, copied, start) = ([UInt8](), 0, 0)
    while start + secret.count <= bytes.count {
      let last = bytes[start + secret.count - 1]
      if last == secret[secret.count - 1], bytes[start..<start + secret.count].elementsEqual(secret) {
        result += bytes[copied..<start] + cover
        start += secret.count
        copied = start
      } else {
        start += steps[Int(last)]
      }
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }

  private static func withLowerCaseHexDigits(_ encoded: String) -> String {
    var parts = encoded.split(separator: "%", omittingEmptySubsequences: false).map(String.init)
    for index in parts.indices.dropFirst() {
      parts[index] = parts[index].prefix(2).lowercased() + parts[index].dropFirst(2)
    }
    return parts.joined(separator: "%")
  }

  private static func escaped(_ text: String, slash: Bool) -> String {
    text.map { character in
      switch character {
      case "\"", "\\": "\\\(character)"
      case "/" where slash: "\\/"
      default: String(character)
      }
    }.joined()
  }
}
