import PrintableText

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
    wanted.count > 1 && known.starts(with: wanted) ? 1 : EditDistance.between(wanted, known)
  }
}
