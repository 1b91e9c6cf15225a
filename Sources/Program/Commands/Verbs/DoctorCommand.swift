import AgentConfiguration
import AgentRuntime
import ArgumentParser
import Diagnosis
import FoundationEssentials
import HTTPTransport
import JSONDocument

/// `pvescout doctor`: exits with 0 if there are at most warnings, else with 1.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Checks the agent's file and machine, every cluster (endpoints, TLS, login, rights, clocks, addresses), and every route.",
    discussion: """
      Says how to mend what it finds. Changes nothing, here or on PVE; a running agent is left alone.

      Examples:
        pvescout doctor
        pvescout doctor -o json
      """)

  @OptionGroup var file: ConfigurationOptions

  @Option(name: .shortAndLong, help: "table, or json.")
  var output = OutputFormat.table

  @Option(help: ArgumentHelp("Ask at most this many guests of a cluster for their addresses.", valueName: "number"))
  var guests = 200

  func validate() throws {
    guard guests > 0 else { throw ValidationError("--guests must be 1 or more, found \(guests)") }
  }

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    let report = await Self.diagnose(file.config, environment: file.environment, guests: guests)
    switch output {
    case .json: try Terminal.print(report.json + [UInt8(ascii: "\n")])
    case .table:
      try Terminal.print(
        DoctorView.render(report, style: .standardOutput(environment: ProcessInfo.processInfo.environment)))
    }
    if report.problems > 0 { throw ExitCode.failure }
  }

  /// - Parameters:
  ///   - path: the agent's file.
  ///   - guests: the maximum number of a cluster's guests that are asked for their addresses.
  static func diagnose(_ path: String, environment: [String: String], guests: Int) async -> DiagnosisReport {
    let check = ConfigurationCheck(path: path, environment: environment, forecastsLinks: false)
    var sections = [AgentDiagnosis(check: check, path: path).section]
    guard let configuration = check.configuration, let preview = RoutePreview(check) else {
      return DiagnosisReport(sections: sections)
    }
    let clusters = check.diagnosed(for: preview)
    if Terminal.isInteractive, !clusters.isEmpty {
      let names = clusters.map(\.name).joined(separator: ", ")
      Terminal.say("Looking at \(names); each guest agent that is silent takes three seconds …\n")
    }
    let client = HTTPClient()
    defer { client.shutdown() }
    let outcomes = await Doctor(http: client, guestLimit: guests).diagnose(clusters)
    let routes = RouteDiagnosis(preview: preview, socketPath: configuration.socketPath, client: client)
    sections += outcomes.map(\.section)
    if let section = await routes.section(outcomes.compactMap(\.inventory)) { sections.append(section) }
    return DiagnosisReport(sections: sections)
  }
}
