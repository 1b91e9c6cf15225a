import LinuxSystem
import Synchronization
import Testing

@testable import HTTPTransport

@Suite(.timeLimit(.minutes(5))) struct DatagramExchangesTests {
  /// Each datagram that is read is followed by another one.
  @Test func servesOtherSocketsWhileOneIsFlooded() async throws {
    let poller = try EventPoller()
    let exchanges = DatagramExchanges(poller: poller)
    let (flood, other) = (try LoopbackDatagrams(), try LoopbackDatagrams())
    let (floodAnswer, flooded) = try await continuation()
    let (otherAnswer, answered) = try await continuation()
    let sentBefore = SentBefore()
    exchanges.start(
      submission(to: flood, floodAnswer) { _ in
        flood.send()
        return flood.sent == 1000
      })
    exchanges.start(
      submission(to: other, otherAnswer) { _ in
        sentBefore.note(flood.sent)
        return true
      })
    for peer in [flood, other] {
      try peer.connectToSender()
      peer.send()
    }
    var most = 0
    while exchanges.wakeAt != nil {
      poller.wait(milliseconds: nil) { event in
        let before = flood.sent
        exchanges.socketIsReady(event.descriptor)
        most = max(most, flood.sent - before)
      }
    }
    #expect(most <= DatagramExchanges.maximumPerWake)
    #expect(sentBefore.count < 1000)
    #expect(try await flooded.value.get().bytes == [9])
    #expect(try await answered.value.get().bytes == [9])
  }

  @Test func endsAFloodedExchangeAtItsDeadline() async throws {
    let client = HTTPClient()
    await expectTimeout(in: "waiting for the expected answer", after: .milliseconds(300)) {
      let flood = try LoopbackDatagrams()
      let asking = Task {
        try await client.exchange([1], with: "127.0.0.1", port: flood.port, timeout: .milliseconds(300)) { _ in
          flood.send()
          // Many more than fit into its time.
          return flood.sent > 1_000_000
        }
      }
      try flood.connectToSender()
      flood.send()
      _ = try await asking.value
    }
  }

  private func submission(
    to peer: LoopbackDatagrams, _ answer: DatagramSubmission.Answer, accepts: @escaping @Sendable ([UInt8]) -> Bool
  ) -> DatagramSubmission {
    DatagramSubmission(
      host: "127.0.0.1", port: peer.port, payload: [1], timeout: .seconds(180), accepts: accepts,
      ticket: TransferTicket(), answer: answer)
  }

  /// A continuation, and the task that waits for its result.
  private func continuation() async throws -> (
    DatagramSubmission.Answer, Task<Result<DatagramAnswer, HTTPTransportError>, Never>
  ) {
    let (answers, source) = AsyncStream.makeStream(of: DatagramSubmission.Answer.self)
    let waiting = Task { await withCheckedContinuation { source.yield($0) } }
    var iterator = answers.makeAsyncIterator()
    return (try #require(await iterator.next()), waiting)
  }
}

/// How many datagrams the flood had sent before the other answer was read.
private final class SentBefore: Sendable {
  private let noted = Mutex(0)
  var count: Int { noted.withLock { $0 } }
  func note(_ count: Int) { noted.withLock { $0 = count } }
}
