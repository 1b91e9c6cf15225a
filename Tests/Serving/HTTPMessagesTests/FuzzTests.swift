import NIOCore
import Testing

@testable import HTTPMessages

/// Thousands of damaged messages, the same ones on every run.
@Suite(.timeLimit(.minutes(5))) struct FuzzTests {
  private static let requests = (Samples.requests + Samples.refusedRequests.map(\.text)).map { Array($0.utf8) }
  private static let responses = Samples.responses.map { Array($0.utf8) }

  private func mutants(of corpus: [[UInt8]], seed: UInt64, _ body: ([UInt8], [[UInt8]]) -> Void) async {
    var mutation = Mutation(seed: seed)
    for round in 0..<30 {
      // Other tests wait for the thread.
      await Task.yield()
      for (index, sample) in corpus.enumerated() {
        let bytes = mutation(sample, donor: corpus[(index + round + 1) % corpus.count])
        body(bytes, mutation.pieces(of: bytes))
      }
    }
  }

  @Test(arguments: UInt64(1)...8)
  func takesExactlyWhatTheGrammarAllows(seed: UInt64) async {
    var taken = 0
    await mutants(of: Self.requests, seed: seed) { bytes, _ in
      let isTaken = !Transcript(ofRequests: [bytes]).messages.isEmpty
      taken += isTaken ? 1 : 0
      #expect(isTaken == ReferenceGrammar.takes(bytes), "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
    #expect(taken > 100, "the mutants must reach beyond the first line")
  }

  @Test(arguments: UInt64(11)...18)
  func readsTheSameInWhateverPieces(seed: UInt64) async {
    await mutants(of: Self.requests, seed: seed) { bytes, pieces in
      #expect(Transcript(ofRequests: pieces) == Transcript(ofRequests: [bytes]), "\(pieces)")
    }
    await mutants(of: Self.responses, seed: seed) { bytes, pieces in
      #expect(Transcript(ofResponses: pieces) == Transcript(ofResponses: [bytes]), "\(pieces)")
    }
  }

  @Test(arguments: UInt64(21)...28)
  func whatItTakesItWritesSoThatItReadsTheSame(seed: UInt64) async {
    var taken = 0
    await mutants(of: Self.requests, seed: seed) { bytes, _ in
      let first = Transcript(ofRequests: [bytes])
      guard first.messages.first?.isComplete == true else { return }
      taken += 1
      let written = rewritten(bytes)
      let second = Transcript(ofRequests: [written])
      #expect(
        second.messages.first == first.messages.first, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      #expect(second.messages.count == 1 && second.fault == nil && second.waiting == 0)
    }
    #expect(taken > 100, "the mutants must hold whole requests")
  }

  /// The first request in some bytes as a proxy forwards it; its body in chunks of other sizes.
  private func rewritten(_ bytes: [UInt8]) -> [UInt8] {
    var (input, parser) = (ByteBuffer(bytes: bytes), RequestHeadParser(limits: MessageLimits()))
    guard let head = try? parser.next(from: &input) else { return [] }
    var writer = HeadWriter(allocator: ByteBufferAllocator(), capacity: 0)
    writer.copy(head.methodRange, of: head.fields)
    writer.write(" ")
    writer.copy(head.targetRange, of: head.fields)
    writer.write(head.minorVersion == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")
    writer.copyLines(of: head.fields) { _ in true }
    writer.end()
    var decoder = BodyDecoder(head.framing, limits: MessageLimits())
    while let piece = try? decoder.next(from: &input) { write(piece, isChunked: head.framing == .chunked, to: &writer) }
    return Array(writer.bytes.readableBytesView)
  }

  private func write(_ piece: BodyDecoder.Piece, isChunked: Bool, to writer: inout HeadWriter) {
    switch piece {
    case .bytes(let bytes) where isChunked:
      for byte in bytes.readableBytesView {
        writer.write(ChunkEncoding.prefix(length: 1, allocator: ByteBufferAllocator()))
        writer.write(ByteBuffer(bytes: [byte]))
        writer.write(ChunkEncoding.suffix)
      }
    case .bytes(let bytes): writer.write(bytes)
    case .end(let trailers?):
      writer.write("0\r\n")
      writer.copyLines(of: trailers) { _ in true }
      writer.end()
    case .end: if isChunked { writer.write(ChunkEncoding.end(trailers: nil, allocator: ByteBufferAllocator())) }
    }
  }
}
