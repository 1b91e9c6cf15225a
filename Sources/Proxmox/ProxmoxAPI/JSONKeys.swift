/// The keys of an object that a reader wants, compared byte by byte without building a text.
struct JSONKeys<Field: CaseIterable & RawRepresentable<String> & Sendable>: Sendable {
  private let keys: [(bytes: [UInt8], field: Field)]

  init(_: Field.Type) { keys = Field.allCases.map { (Array($0.rawValue.utf8), $0) } }

  func field(_ token: JSONReader.StringToken, in reader: JSONReader) -> Field? {
    if token.hasEscapes { return Field(rawValue: reader.text(token)) }
    for (bytes, field) in keys where bytes.count == token.range.count {
      if bytes.elementsEqual(reader.bytes[token.range]) { return field }
    }
    return nil
  }
}
