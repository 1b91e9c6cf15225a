/// Problems in the order in which they were found, each once, and no more than anybody reads.
struct YAMLProblemList {
  private(set) var problems: [YAMLProblem] = []
  private var known: Set<YAMLProblem> = []
  private static let max = 1000

  var isFull: Bool { problems.count > Self.max }

  mutating func append(_ problem: YAMLProblem) {
    // An anchor that is used many times would repeat its problem each time.
    guard !isFull, known.insert(problem).inserted else { return }
    let isLast = problems.count == Self.max
    problems.append(isLast ? YAMLProblem(at: problem.position, "there are more: correct those above first") : problem)
  }
}
