import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout query PATH`: a raw GET.
struct Query: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the socket's answer to a GET.",
    discussion: """
      Examples:
        pvescout query /v1/routes?status=unhealthy
        pvescout query /metrics
      """)

  @OptionGroup var agent: AgentOptions

  @Argument(help: "The path, with its query, for example /v1/openapi.json.")
  var path: String

  func validate() throws {
    guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw ValidationError("a path begins with '/' and has percent codes for special characters, found '\(path)'")
    }
  }

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    let body: [UInt8]
    do throws(ControlClientError) { body = try await agent.client().get(path) } catch { throw error.reported() }
    try Terminal.print(body.last == UInt8(ascii: "\n") ? body : body + [UInt8(ascii: "\n")])
  }
}
