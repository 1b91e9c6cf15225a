/// The HTTP statuses of a working service.
package struct ExpectedStatus: Hashable, Sendable, CustomStringConvertible {
  /// As written in the file: `200-299, 401`.
  package let description: String
  private let ranges: [ClosedRange<Int>]

  /// Any status that is not a server error.
  package static let belowServerErrors = ExpectedStatus(description: "below 500", ranges: [100...499])

  /// Parses one or more of `200`, `200-299` and `2xx`, separated by commas; nil for anything else.
  package init?(_ text: String) {
    var ranges: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      var part = part.drop { $0 == " " }
      while part.last == " " { part.removeLast() }
      guard let range = Self.range(part) else { return nil }
      ranges.append(range)
    }
    self.init(description: text, ranges: ranges)
  }

  private init(description: String, ranges: [ClosedRange<Int>]) {
    (self.description, self.ranges) = (description, ranges)
  }

  package func contains(_ status: Int) -> Bool { ranges.contains { $0.contains(status) } }

  private static func range(_ text: Substring) -> ClosedRange<Int>? {
    if text.count == 3, text.hasSuffix("xx"), let hundred = text.first?.wholeNumberValue, (1...5).contains(hundred) {
      return hundred * 100...hundred * 100 + 99
    }
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(bounds.count), let first = bounds[0], let last = bounds[bounds.count - 1],
      100 <= first, first <= last, last <= 599
    else { return nil }
    return first...last
  }
}
