import Testing

@testable import HTTPTransport

@Suite(.timeLimit(.minutes(5))) struct BodyBufferTests {
  let buffer = BodyBuffer()

  @Test func fillsUpAndAsksForMoreOnceItIsRead() async throws {
    let piece = [UInt8](repeating: 1, count: BodyBuffer.capacity)
    var resumed = 0
    #expect(buffer.offer(piece))
    #expect(!buffer.offer([2]))
    #expect(!buffer.offer([2]))
    #expect(try await buffer.next { resumed += 1 } == piece)
    #expect(resumed == 1)
    #expect(buffer.offer([2]))
    #expect(try await buffer.next { resumed += 1 } == [2])
    #expect(resumed == 1)
  }

  @Test func deliversWhatCameBeforeItsEnd() async throws {
    #expect(buffer.offer([1]))
    #expect(buffer.offer([2]))
    buffer.finish(.connectionClosed(reason: "test"))
    buffer.finish()
    #expect(try await buffer.next {} == [1, 2])
    await #expect(throws: HTTPTransportError.connectionClosed(reason: "test")) { try await buffer.next {} }
  }

  @Test func wakesAWaitingReader() async throws {
    let reading = Task { [buffer] in try await (buffer.next {}, buffer.next {}) }
    while !buffer.hasReader { await Task.yield() }
    #expect(buffer.offer([7]))
    while !buffer.hasReader { await Task.yield() }
    buffer.finish()
    let (first, second) = try await reading.value
    #expect(first == [7])
    #expect(second == nil)
  }
}
