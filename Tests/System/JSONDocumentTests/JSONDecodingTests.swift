import Foundation
import JSONDocument
import Testing

@Suite struct JSONDecodingTests {
  private struct Shelf: Codable, Equatable {
    struct Book: Codable, Equatable {
      var title: String
      var pages: UInt16?
      var readAt: Date
    }

    var name: String
    var isOpen: Bool
    var weight: Double
    var counts: [String: Int64]
    var books: [Book]
    var genre: Genre
    enum Genre: String, Codable { case crime, travel }
  }

  private static let shelf = Shelf(
    name: "a \"b\"\u{7}\u{1F600}", isOpen: true, weight: 1.25, counts: ["x": -3, "y": 1 << 53],
    books: [
      .init(title: "one", pages: 65535, readAt: Date(timeIntervalSince1970: 1_700_000_000.5)),
      .init(title: "", pages: nil, readAt: Date(timeIntervalSince1970: 0)),
    ], genre: .travel)

  @Test func decodesWhatFoundationWrites() throws {
    let bytes = Array(try JSONEncoder().encode(Self.shelf))
    #expect(try JSONReader.value(of: bytes).decode(Shelf.self) == Self.shelf)
  }

  @Test(
    arguments: [
      (#""name":"a""#, #""name":1"#), (#""isOpen":true"#, #""isOpen":1"#), (#""weight":1"#, #""weight":"1""#),
      (#""pages":3"#, #""pages":65536"#), (#""pages":3"#, #""pages":-1"#), (#""pages":3"#, #""pages":1.5"#),
      (#""x":1"#, #""x":9007199254740993"#), (#""x":1"#, #""x":1e300"#), (#""readAt":0"#, #""readAt":1e308"#),
      (#""readAt":0"#, #""readAt":-1e12"#), (#""readAt":0"#, #""readAt":300000000000"#),
      (#""genre":"crime""#, #""genre":"cooking""#), (#""books":["#, #""bucks":["#),
    ])
  func refusesWhatItsTypeCannotHold(_ good: String, _ bad: String) throws {
    let text =
      #"{"name":"a","isOpen":true,"weight":1,"counts":{"x":1},"books":[{"title":"t","pages":3,"readAt":0}],"genre":"crime"}"#
    _ = try JSONReader.value(of: Array(text.utf8)).decode(Shelf.self)
    #expect(text.contains(good))
    let value = try JSONReader.value(of: Array(text.replacing(good, with: bad).utf8))
    #expect(throws: DecodingError.self) { try value.decode(Shelf.self) }
  }

  @Test func leavesDamagedElementsOutAndCountsThem() throws {
    let value = try JSONReader.value(of: Array("[1, \"two\", 3, [], 1e300, 6]".utf8))
    let damage = JSONDamage()
    #expect(try value.decode(SoundElements<Int>.self, damage: damage).elements == [1, 3, 6])
    #expect(damage.count == 3)
  }
}
