import ArgumentParser

extension ExitCode {
  static let agentNotReachable = ExitCode(3)
  static let notFound = ExitCode(4)
  static let ambiguous = ExitCode(5)
}
