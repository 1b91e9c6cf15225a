/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64 = 0x5eed

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension Array {
  /// The same random order in every run, so that caches and prefetching do not help.
  var scattered: [Element] {
    var generator = SeededGenerator()
    return shuffled(using: &generator)
  }

  /// Calls `body` that many times, with the elements in turn.
  @inline(__always)
  func cycle(_ times: Int, _ body: (Element) -> Void) {
    // Borrows the elements: retaining them could cost more than the measured operation.
    let elements = span
    var position = 0
    for _ in 0..<times {
      body(elements[position])
      position += 1
      if position == elements.count { position = 0 }
    }
  }
}
