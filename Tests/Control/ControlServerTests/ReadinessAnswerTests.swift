import ControlAPI
import Testing

/// What `pvescout status` ends with 0 for.
@Suite struct ReadinessAnswerTests {
  private static let read = ReadinessAnswer.Cluster(name: "home", ready: true, stale: false, error: nil)
  private static let failing = ReadinessAnswer.Cluster(name: "home", ready: true, stale: true, error: "refused")
  private static let taken = ReadinessAnswer.Listener(name: "route ssh", error: "Address already in use")

  @Test(
    arguments: [
      (true, [read], [], true), (true, [], [], true), (false, [read], [], false), (true, [failing], [], false),
      (true, [read, failing], [], false), (true, [read], [taken], false),
    ] as [(Bool, [ReadinessAnswer.Cluster], [ReadinessAnswer.Listener], Bool)])
  func isSoundIfNothingIsWrong(
    ready: Bool, clusters: [ReadinessAnswer.Cluster], listeners: [ReadinessAnswer.Listener], isSound: Bool
  ) {
    let answer = ReadinessAnswer(
      ready: ready, providers: [], clusters: clusters, listeners: listeners, problems: [], refused: [])
    #expect(answer.isSound == isSound)
  }
}
