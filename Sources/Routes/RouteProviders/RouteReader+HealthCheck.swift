import RouteModel
import YAMLDocument

extension RouteReader {
  /// Reads `healthcheck:`.
  func readHealthCheck(into route: inout RouteDeclaration) {
    mapping.mapping("healthcheck") { section in
      route.healthCheck = Self.healthCheck(section)
      reportWhatIsNeverSent(route, section)
    }
  }

  private static func healthCheck(_ mapping: YAMLMapping) -> RouteDeclaration.HealthOverrides {
    var check = RouteDeclaration.HealthOverrides()
    check.disable = mapping.bool("disable") ?? mapping.bool("disabled")
    mapping.accept(["disabled"])
    check.path = mapping.value("path", "a path that begins with '/'") { text in
      text.hasPrefix("/") && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? text : nil
    }
    check.useGet = mapping.bool("use_get")
    check.interval = mapping.duration("interval", atLeast: .milliseconds(100))
    check.timeout = mapping.duration("timeout", atLeast: .milliseconds(1))
    check.retries = retries(mapping)
    check.expectedStatus = mapping.value("expected_status", "statuses such as 200, 200-299 or 2xx, with commas between")
    {
      ExpectedStatus($0)
    }
    check.payload = bytes(mapping, "payload")
    check.expectedAnswer = bytes(mapping, "expected_answer")
    return check
  }

  /// A negative number makes the first failure count, as in GoDoxy; zero counts as absent.
  private static func retries(_ mapping: YAMLMapping) -> Int? {
    let wanted = "a whole number up to 1000: -1 if the first failure is to count"
    let number = mapping.value("retries", wanted) { text in Int(text).flatMap { $0 <= 1000 ? $0 : nil } }
    return number.flatMap { $0 == 0 ? nil : max(1, $0) }
  }

  /// A text as it is, or bytes as `hex:1a 2b`.
  private static func bytes(_ mapping: YAMLMapping, _ key: String) -> [UInt8]? {
    guard let text = mapping.verbatim(key) else { return nil }
    return mapping.value(text, key, "a text, or bytes as 'hex:' and pairs of hex digits") { text in
      let bytes = text.hasPrefix("hex:") ? HexText.bytes(text.dropFirst(4)) : Array(text.utf8)
      return bytes.flatMap { (1...maxDatagramBytes).contains($0.count) ? $0 : nil }
    }
  }

  /// Fits into a datagram that is not fragmented.
  private static let maxDatagramBytes = 1200

  /// Reports keys without effect: a check that only looks configured would be relied on.
  private func reportWhatIsNeverSent(_ route: RouteDeclaration, _ section: YAMLMapping) {
    if route.healthCheck.expectedAnswer != nil, route.healthCheck.payload == nil {
      section.reader.report(
        "expected_answer needs a payload to be the answer to", at: section.position(of: "expected_answer"))
    }
    guard let scheme = route.scheme else { return }
    if scheme != .udp, route.healthCheck.payload != nil {
      section.reader.report(
        "payload is for scheme udp, but scheme is \(scheme.rawValue)", at: section.position(of: "payload"))
    }
    if ![.http, .https, .h2c].contains(scheme), route.healthCheck.expectedStatus != nil {
      section.reader.report(
        "expected_status is for HTTP, but scheme is \(scheme.rawValue)", at: section.position(of: "expected_status"))
    }
  }
}

/// Bytes as pairs of hex digits, optionally separated by blanks and colons.
enum HexText {
  /// Nil if a digit is missing or invalid.
  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.filter { $0 != " " && $0 != ":" }.map(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for pair in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
      bytes.append(UInt8(high * 16 + low))
    }
    return bytes
  }
}
