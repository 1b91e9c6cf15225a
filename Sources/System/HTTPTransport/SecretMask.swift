import LinuxSystem

/// Masks this request's secrets in the peer's answer, which may repeat them in an error or a name.
struct SecretMask: Sendable {
  /// Shorter texts may occur by coincidence.
  private static let (shortest, shortestInBody) = (4, 8)
  private static let cover = Array("***".utf8)

  /// In each character encoding, as they are and as JSON must escape them. The longest first.
  private let forms: [[UInt8]]

  init(_ secrets: [String]) {
    // Forms write a blank as `+`.
    let spellings = secrets + secrets.map { $0.replacing(" ", with: "+") }
    let all = spellings.flatMap(Self.encoded).flatMap { [$0, $0.flatMap(Self.escaped)] }
    forms = Set(all).filter { $0.count >= Self.shortest }
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
    masked.mask = self
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

  func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let masked = masked(bytes, atLeast: Self.shortest)
    return masked == bytes ? text : String(decoding: masked, as: UTF8.self)
  }

  /// Without a secret, the bytes stay as they are. With one that is escaped, all of them are unescaped.
  private func masked(_ bytes: [UInt8], atLeast length: Int) -> [UInt8] {
    let forms = forms.filter { $0.count >= length }
    var masked = forms.reduce(bytes) { Self.replace($1, in: $0) }
    var decoded = masked
    for decode in [Self.withoutNeedlessEscapes, Self.withoutPercentCoding] {
      decoded = decode(decoded)
      let covered = forms.reduce(decoded) { Self.replace($1, in: $0) }
      if covered != decoded { (masked, decoded) = (covered, covered) }
    }
    return masked
  }

  /// Copies nothing if there is no match.
  private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var (result, copied) = ([UInt8](), 0)
    while let start = bytes.firstIndex(of: secret, from: copied) {
      result += bytes[copied..<start] + cover
      copied = start + secret.count
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }

  /// In UTF-8 and ISO 8859-1, and what becomes of each if it is taken for the other.
  private static func encoded(_ secret: String) -> [[UInt8]] {
    let utf8 = Array(secret.utf8)
    let misread = String(String.UnicodeScalarView(utf8.map { Unicode.Scalar($0) }))
    let latin1 = secret.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
    guard latin1.count == secret.unicodeScalars.count else { return [utf8, Array(misread.utf8)] }
    return [utf8, Array(misread.utf8), latin1, Array(String(decoding: latin1, as: UTF8.self).utf8)]
  }
}
