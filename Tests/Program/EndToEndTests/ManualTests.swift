import TestSupport
import Testing

/// The manual contains all commands with their options, and all paths of the socket.
@Suite struct ManualTests {
  @Test(.timeLimit(.minutes(5))) func commandLineHasEveryCommandWithItsOptions() async throws {
    let documented = try Self.documentedOptions()
    let commands = try await Self.commands(of: [])
    #expect(Set(documented.keys) == Set(commands.map { $0.joined(separator: " ") }))
    for words in commands {
      let command = words.joined(separator: " ")
      let options = Set(try await Self.help(words).matches(of: /(?m)^  (?:-[a-z], )?(--[a-z-]+)/).map { $0.output.1 })
        .subtracting(["--help", "--version"]).map(String.init)
      #expect(documented[command] == Set(options), "\(command)")
    }
  }

  @Test(.timeLimit(.minutes(5))) func socketAPIHasEveryPath() async throws {
    let agent = try await RunningAgent.start(AgentFiles())
    let paths = try await agent.get("/v1/openapi.json")["paths"].members
    let served = paths.flatMap { path, methods in methods.members.keys.map { "\($0.uppercased()) \(path)" } }
    let table = try #require(try ManualArticle("SocketAPI").tables.first { $0.header.first == "path" })
    let documented = table.rows.flatMap { ManualArticle.code(in: $0[0]) }
    #expect(Set(documented) == Set(served))
  }

  /// The commands below that one, each in words; of a command with commands of its own only those.
  private static func commands(of parent: [String]) async throws -> [[String]] {
    var all: [[String]] = []
    for match in try await help(parent).matches(of: /(?m)^  ([a-z]+) {2,}/) {
      let command = parent + [String(match.output.1)]
      let below = try await commands(of: command)
      all += below.isEmpty ? [command] : below
    }
    return all
  }

  private static func help(_ command: [String]) async throws -> String {
    try await Program.run(Checkout.product("pvescout"), command + ["--help"]).output
  }

  /// The options of each command: a table of commands, followed by one of the options that they have.
  private static func documentedOptions() throws -> [String: Set<String>] {
    var all: [String: Set<String>] = [:]
    var commands: [String] = []
    for table in try ManualArticle("CommandLine").tables {
      if table.header.first == "command" {
        commands = table.rows.compactMap {
          $0[0].firstMatch(of: /`pvescout ([a-z]+(?: [a-z]+)*)/).map { String($0.output.1) }
        }
        for command in commands { all[command] = [] }
      } else if table.header.first == "option" {
        for row in table.rows {
          let named = ManualArticle.code(in: row[1])
          let those = row[1].hasPrefix("all but ") ? commands.filter { !named.contains($0) } : named
          for command in those { all[command]?.formUnion(row[0].matches(of: /--[a-z-]+/).map { String($0.output) }) }
        }
      }
    }
    return all
  }
}
