import Testing

@testable import HTTPMessages

/// TCP preserves no boundaries: the result does not depend on the pieces.
@Suite struct SplitTests {
  @Test(arguments: Samples.requests + Samples.refusedRequests.map(\.text))
  func requestsMeanTheSameInWhateverPieces(text: String) {
    let bytes = Array(text.utf8)
    let whole = Transcript(ofRequests: [bytes])
    for pieces in bytes.cuts { #expect(Transcript(ofRequests: pieces) == whole, "cut at \(pieces[0].count)") }
  }

  @Test(arguments: Samples.responses)
  func responsesMeanTheSameInWhateverPieces(text: String) {
    let bytes = Array(text.utf8)
    let whole = Transcript(ofResponses: [bytes])
    for pieces in bytes.cuts { #expect(Transcript(ofResponses: pieces) == whole, "cut at \(pieces[0].count)") }
  }

  @Test func aLimitIsTheSameInWhateverPieces() {
    var limits = MessageLimits()
    limits.headBytes = 40
    for length in 38...42 {
      let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
      let value = String(repeating: "y", count: length - frame.utf8.count)
      let bytes = Array(frame.replacing("X: ", with: "X: \(value)").utf8)
      let whole = Transcript(ofRequests: [bytes], limits: limits)
      #expect((whole.fault == nil) == (length <= 40))
      for pieces in bytes.cuts { #expect(Transcript(ofRequests: pieces, limits: limits) == whole) }
    }
  }
}
