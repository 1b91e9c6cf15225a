/// A method of the API.
struct APIMethod: Sendable {
  var method = "GET"
  /// Segments below `/api2/json`; one in braces matches anything.
  var pattern: [String]
  /// The known parameters; any other is refused.
  var parameters: Set<String> = []
  /// Whether pvedaemon answers it behind pveproxy, with two `Connection` headers.
  var isProtected = false
  /// Whether no login is required.
  var isPublic = false
  var answer: @Sendable (_ call: APICall, _ path: PathValues) throws(Refusal) -> PVEJSONWriter

  /// The values at the places in braces, in order; nil if the path does not match.
  func match(_ method: String, _ segments: [String]) -> PathValues? {
    guard method == self.method, segments.count == pattern.count else { return nil }
    var values: [String] = []
    for (segment, expected) in zip(segments, pattern) {
      if expected.hasPrefix("{") { values.append(segment) } else if segment != expected { return nil }
    }
    return PathValues(values: values)
  }
}

/// The variable parts of a path.
struct PathValues {
  var values: [String]

  var node: String { values[0] }

  func vmid() throws(Refusal) -> Int {
    guard values.count > 1, let vmid = Int(values[1]), (100...999_999_999).contains(vmid) else {
      throw .invalid("vmid", "type check ('integer') failed - got '\(values.last ?? "")'")
    }
    return vmid
  }
}
