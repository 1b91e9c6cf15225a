import HTTPMessages
import Testing

@testable import ReverseProxy

@Suite struct RetryPolicyTests {
  private static let idempotent: [RequestMethod] = [.get, .head, .put, .delete, .options, .trace]
  private static let others: [RequestMethod] = [.post, .patch, .connect, .other]

  /// The number of times that a request is sent again if every connection is lost in the same way.
  private func retries(_ method: RequestMethod, _ request: RequestProgress, after loss: UpstreamLoss) -> Int {
    var policy = RetryPolicy()
    var count = 0
    while count < 100, policy.retries(method, request, after: loss) { count += 1 }
    return count
  }

  @Test(arguments: idempotent + others) func anIgnoredRequestIsSentUpToThreeMoreTimes(method: RequestMethod) {
    #expect(retries(method, .bodyless, after: .unprocessed) == 3)
    #expect(retries(method, .head, after: .unprocessed) == 3)
    // What was passed on is not kept.
    #expect(retries(method, .body, after: .unprocessed) == 0)
    #expect(retries(method, .whole, after: .unprocessed) == 0)
  }

  @Test(arguments: idempotent) func anIdempotentRequestWithoutABodyIsSentOnceMore(method: RequestMethod) {
    #expect(retries(method, .bodyless, after: .onReusedConnection) == 1)
    #expect(retries(method, .head, after: .onReusedConnection) == 0)
    #expect(retries(method, .body, after: .onReusedConnection) == 0)
    #expect(retries(method, .whole, after: .onReusedConnection) == 0)
  }

  @Test(arguments: others) func anyOtherRequestIsSentOnce(method: RequestMethod) {
    #expect(retries(method, .bodyless, after: .onReusedConnection) == 0)
  }

  @Test(arguments: idempotent + others) func noRequestIsRepeatedAfterAFinalLoss(method: RequestMethod) {
    #expect(retries(method, .bodyless, after: .final) == 0)
  }

  /// A request that may have been processed is not sent again after retries of any kind.
  @Test(arguments: [
    ([UpstreamLoss.unprocessed, .onReusedConnection, .unprocessed], [true, false, true]),
    ([.onReusedConnection, .unprocessed, .unprocessed, .unprocessed], [true, true, true, false]),
  ])
  func allRetriesAreCounted(losses: [UpstreamLoss], areRetried: [Bool]) {
    var policy = RetryPolicy()
    #expect(losses.map { policy.retries(.get, .bodyless, after: $0) } == areRetried)
  }
}
