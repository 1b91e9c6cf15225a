/// Finds the known key that was probably meant.
enum NearestKey {
  /// The known key with the smallest edit distance, if that is small for its length; nil otherwise.
  static func of(_ key: String, among known: some Sequence<String>) -> String? {
    let wanted = fold(key)
    let ranked = known.map { (key: $0, edits: distance(wanted, fold($0))) }
    guard let nearest = ranked.min(by: { ($0.edits, $0.key) < ($1.edits, $1.key) }) else { return nil }
    return nearest.edits <= (wanted.count < 4 ? 1 : max(2, wanted.count / 3)) ? nearest.key : nil
  }

  /// Treats `noTLSVerify`, `no-tls-verify` and `no_tls_verify` as the same key.
  private static func fold(_ key: String) -> [UInt8] {
    key.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
  }

  /// An abbreviation counts as one edit.
  private static func distance(_ wanted: [UInt8], _ known: [UInt8]) -> Int {
    wanted.count > 1 && known.starts(with: wanted) ? 1 : edits(wanted, known)
  }

  /// The Levenshtein distance, except that two swapped letters count as one edit.
  private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var (beforePrevious, previous) = ([Int](), Array(0...right.count))
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
