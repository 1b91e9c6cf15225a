/// A block of 127.0.0.0/8 for one demo; the chance of a collision with another demo is one in 50,000.
struct DemoBlock: Hashable, Sendable {
  private let prefix: String
  private let third: Int

  /// 127.65.0.0 to 127.249.255.0: far from addresses that other software uses.
  static func random() -> DemoBlock {
    DemoBlock(second: Int.random(in: 65...249), third: Int.random(in: 0...223))
  }

  init(second: Int, third: Int) { (prefix, self.third) = ("127.\(second)", third) }

  /// The address of a named guest, node or service of the demo.
  func address(_ last: Int) -> String { "\(prefix).\(third).\(last)" }

  /// The address of an extra guest or node, numbered from 0 to 7999.
  func extraAddress(_ number: Int) -> String { "\(prefix).\(third + 1 + number / 250).\(1 + number % 250)" }
}
