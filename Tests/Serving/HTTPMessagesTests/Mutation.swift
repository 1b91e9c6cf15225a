/// Damages bytes as attackers do: at the limits of the grammar.
struct Mutation {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private static let inserts: [[UInt8]] = [
    "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "\r\n ", "\r\n\r\n", "0", "0\r\n\r\n", "5\r\n", "chunked",
    "\u{7f}",
    "Host: b\r\n", "Content-Length: 3\r\n", "Content-Length: 03\r\n", "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding:\tchunked \r\n", "Connection: close, host\r\n", "Trailer: x\r\n", "\u{e9}", "X_Y: z\r\n",
    "HTTP/1.0",
  ].map { Array($0.utf8) }

  /// One to four small changes.
  mutating func callAsFunction(_ bytes: [UInt8], donor: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int.random(in: 0...3, using: &generator) { change(&bytes, donor) }
    return bytes
  }

  /// A way to split the bytes into a few pieces.
  mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
    return zip([0] + cuts, cuts + [bytes.count]).map { Array(bytes[$0..<$1]) }
  }

  private mutating func change(_ bytes: inout [UInt8], _ donor: [UInt8]) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...6, using: &generator))
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes.insert(contentsOf: Self.inserts.randomElement(using: &generator) ?? [], at: place)
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 3 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 4 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
    default:
      let start = Int.random(in: 0...donor.count, using: &generator)
      bytes.insert(contentsOf: donor[start..<min(donor.count, start + 24)], at: place)
    }
  }
}
