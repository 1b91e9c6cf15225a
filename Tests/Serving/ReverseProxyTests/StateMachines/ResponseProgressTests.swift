import Testing

@testable import ReverseProxy

@Suite struct ResponseProgressTests {
  private typealias Progress = ResponseProgress<Void>

  @Test func timeLimitOfTheResponseStartsWithTheEndOfTheRequest() {
    let table: [(Progress, during: UpstreamTimeLimit, after: UpstreamTimeLimit)] = [
      (.awaited, .unlimited, .beginning), (.begun, .unlimited, .beginning), (.body(()), .progress, .progress),
      (.tunnel, .tunnel, .tunnel),
    ]
    for (progress, during, after) in table {
      #expect(progress.timeLimit(isRequestOver: false) == during, "\(progress)")
      #expect(progress.timeLimit(isRequestOver: true) == after, "\(progress)")
    }
  }

  @Test(arguments: [
    (false, false, UpstreamLoss.final), (true, false, .onReusedConnection), (false, true, .unprocessed),
    (true, true, .unprocessed),
  ])
  func lossBeforeTheFirstByteDependsOnTheConnection(isReused: Bool, isUnprocessed: Bool, loss: UpstreamLoss) {
    #expect(Progress.awaited.loss(isReused: isReused, isUnprocessed: isUnprocessed) == loss)
  }

  @Test func lossAfterTheFirstByteIsFinal() {
    for progress in [Progress.begun, .body(()), .tunnel] {
      #expect(progress.loss(isReused: true, isUnprocessed: true) == .final, "\(progress)")
    }
  }

  @Test func theFirstByteBeginsTheResponse() {
    var progress = Progress.awaited
    progress.bytesReceived()
    #expect(progress.loss(isReused: true) == .final)
    progress = .body(())
    progress.bytesReceived()
    #expect(progress.timeLimit(isRequestOver: false) == .progress)
  }
}
