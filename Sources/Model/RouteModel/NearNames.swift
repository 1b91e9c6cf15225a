/// Finds the names that a mistyped one may have meant.
package enum NearNames {
  private static let most = 3

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
      let distance = distance(wanted, found)
      return distance <= limit ? (candidate, name, distance) : nil
    }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(most).map(\.candidate)
  }

  /// The number of letters to insert, delete or replace (Levenshtein).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (line, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for (column, other) in right.enumerated() {
        let changed = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
