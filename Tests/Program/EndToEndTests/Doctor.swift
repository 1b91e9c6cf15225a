import TestSupport

/// `pvescout doctor` as a separate process, with the files of one agent.
enum Doctor {
  static func run(
    _ files: AgentFiles, options: [String] = [], environment: [String: String?] = [:]
  ) async throws -> Program.Finished {
    try files.write()
    return try await Program.run(
      Checkout.product("pvescout"), ["doctor", "--config", files.configurationPath] + options,
      environment: environment)
  }
}

extension AgentFiles {
  /// The files of an agent with these clusters, with a timeout for slow machines.
  static func patient(_ clusters: [String]) throws -> AgentFiles {
    var files = try AgentFiles(clusters: clusters)
    files.discovery = "{request_timeout: 60s}"
    return files
  }
}

extension Program.Finished {
  /// Whether one line contains all these words.
  func says(_ words: String...) -> Bool {
    output.split(separator: "\n").contains { line in words.allSatisfy { line.contains($0) } }
  }
}
