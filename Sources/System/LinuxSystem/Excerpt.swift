extension StringProtocol {
  /// The text for a message: what is longer is cut off there, since a value may have megabytes.
  package func excerpt(_ limit: Int) -> String {
    let scalars = unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return String(self) }
    return String(String.UnicodeScalarView(scalars[..<end])) + "…"
  }

  /// As much of a value as a message repeats.
  package var excerpt: String { excerpt(200) }
}
