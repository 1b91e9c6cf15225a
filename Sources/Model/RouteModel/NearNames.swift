import PrintableText

/// Finds the names that a mistyped one may have meant.
package enum NearNames {
  private static let maxCount = 3

  /// The most similar names, at most three, the best first.
  package static func of(_ name: String, among names: [String]) -> [String] { of(name, among: names) { $0 } }

  /// - Parameter key: the name of a candidate.
  package static func of<Candidate>(
    _ name: String, among candidates: some Sequence<Candidate>, by key: (Candidate) -> String
  ) -> [Candidate] {
    let wanted = Array(name.lowercased().utf8.prefix(64))
    let limit = max(1, wanted.count / 3)
    return candidates.compactMap { candidate -> (candidate: Candidate, name: String, distance: Int)? in
      let name = key(candidate)
      let found = Array(name.lowercased().utf8.prefix(64))
      if !wanted.isEmpty, found.starts(with: wanted) { return (candidate, name, 0) }
      guard abs(found.count - wanted.count) <= limit else { return nil }
      let distance = EditDistance.between(wanted, found)
      return distance <= limit ? (candidate, name, distance) : nil
    }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(maxCount).map(\.candidate)
  }
}
