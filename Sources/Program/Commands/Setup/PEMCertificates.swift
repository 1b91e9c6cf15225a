import FoundationEssentials

/// The certificates of a PEM file, without what else may be in it, such as a private key.
enum PEMCertificates {
  private static let begin = "-----BEGIN CERTIFICATE-----"
  private static let end = "-----END CERTIFICATE-----"

  /// Empty if the file cannot be read, or has none.
  static func text(inFile path: String) -> String {
    text(in: FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "")
  }

  static func text(in text: String) -> String {
    var (blocks, block) = ("", [Substring]())
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix(begin) { block = [] } else if block.isEmpty { continue }
      block.append(line)
      guard line.hasPrefix(end) else { continue }
      blocks += block.joined(separator: "\n") + "\n"
      block = []
    }
    return blocks
  }
}
