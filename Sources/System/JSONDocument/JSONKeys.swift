/// The keys of an object that a reader needs, compared byte by byte without creating strings.
package struct JSONKeys: Sendable {
  private let keys: [[UInt8]]

  package init(_ keys: [String]) { self.keys = keys.map { Array($0.utf8) } }

  func index(of token: JSONReader.StringToken, in reader: JSONReader) -> Int? {
    if token.hasEscapes {
      let text = Array(reader.text(token).utf8)
      return keys.firstIndex(of: text)
    }
    for (index, key) in keys.enumerated() where key.count == token.range.count {
      if key.elementsEqual(reader.bytes[token.range]) { return index }
    }
    return nil
  }
}
