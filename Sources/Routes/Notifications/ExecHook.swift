import Logging

/// Delivers a notice by running a program: no shell, the facts in its environment.
package struct ExecHook: Hashable, Sendable {
  /// The program and its arguments; a program without a slash is searched for in `PATH`.
  package let arguments: [String]
  /// After this time, the program and its whole process group are killed.
  package var timeout: Duration
  /// The part of the agent's environment that the program gets: enough to find things, and no secrets.
  private let inherited: [String: String]

  private static let inheritedNames = ["PATH", "HOME", "USER", "LANG", "TZ"]
  /// Bytes of the program's output that are kept for the log.
  static let outputLimit = 4096

  /// Nil if the argument vector is empty.
  package init?(arguments: [String], timeout: Duration = .seconds(30), environment: [String: String]) {
    guard let program = arguments.first, !program.isEmpty else { return nil }
    (self.arguments, self.timeout) = (arguments, timeout)
    inherited = environment.filter { Self.inheritedNames.contains($0.key) }
  }

  package var program: String { arguments.first ?? "" }

  /// Contains every fact; a fact without a value is empty.
  func environment(for notice: Notice) -> [String: String] {
    let facts = Fact.allCases.map { ($0.variable, $0.value(of: notice).inText) }
    return inherited.merging(facts) { _, fact in fact }
  }

  /// Exit status 0 counts as delivered.
  func deliver(_ notice: Notice, logger: Logger) async -> DeliveryResult {
    let process = HookProcess(
      arguments: arguments, environment: environment(for: notice), timeout: timeout, outputLimit: Self.outputLimit)
    let ended = await process.run()
    if !ended.output.isEmpty {
      logger.debug(
        "hook said",
        metadata: ["notify.to": "\(program)", "output": "\(String(decoding: ended.output, as: UTF8.self))"])
    }
    switch ended.end {
    case .exited(0): return .delivered(answer: "it exited with 0")
    case .exited(let code): return .failed(reason: "it exited with \(code)")
    case .signalled(let signal): return .failed(reason: "it was ended by signal \(signal)")
    case .timedOut: return .failed(reason: "it was killed after \(timeout)")
    case .cancelled: return .failed(reason: "it was killed as the agent stops")
    case .notStarted(let reason): return .failed(reason: "it cannot be started: \(reason)")
    }
  }
}
