/// The keys of an object that a reader wants, compared byte by byte without building a text.
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
