import AgentConfiguration
import AgentRuntime
import ArgumentParser
import FoundationEssentials
import Logging
import ServiceLifecycle
import UnixSignals

/// `pvescout demo`: the real agent with a simulated cluster and real services, all in this process and on loopback.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the agent at work on a simulated cluster; needs no Proxmox VE and leaves nothing behind.",
    discussion: """
      Examples:
        pvescout demo
        pvescout demo --once -o json
      """)

  @Option(help: "Nodes of the cluster, at least 3.")
  var nodes = DemoScenario.minNodes
  @Option(help: "Guests of the cluster, at least 9.")
  var guests = DemoScenario.minGuests
  @Flag(help: "Print the settled table and end.")
  var once = false
  @Option(help: "End after this many seconds.")
  var seconds: Int?
  @Option(name: .shortAndLong, help: "table, or json: the socket's answer, then its events.")
  var output = OutputFormat.table

  func validate() throws {
    let (maxNodes, maxGuests) = (DemoScenario.maxNodes, DemoScenario.maxGuests)
    guard (0...maxNodes).contains(nodes) else { throw ValidationError("--nodes \(nodes): wanted up to \(maxNodes)") }
    guard (0...maxGuests).contains(guests) else {
      throw ValidationError("--guests \(guests): wanted up to \(maxGuests)")
    }
    if let seconds, seconds < 1 { throw ValidationError("--seconds \(seconds): wanted 1 or more") }
  }

  func run() async throws {
    Terminal.ignoreBrokenPipes()
    let (minNodes, minGuests) = (DemoScenario.minNodes, DemoScenario.minGuests)
    if nodes < minNodes || guests < minGuests {
      Terminal.say("The demo's story needs \(minNodes) nodes and \(minGuests) guests: there are at least as many.")
    }
    do {
      let stage = try await DemoStage.build(nodes: nodes, guests: guests)
      let outcome = await Result(catching: { try await perform(on: stage) })
      await stage.clear()
      try outcome.get()
    } catch let code as ExitCode {
      throw code
    } catch {
      Terminal.say("pvescout: \(error)")
      throw ExitCode.failure
    }
  }

  /// The agent ends with the narrator, the narrator with the first signal.
  private func perform(on stage: DemoStage) async throws {
    let environment = ProcessInfo.processInfo.environment
    let configuration = try AgentConfiguration.load(path: stage.folder.configurationPath, environment: environment)
    let logger = AgentLogger.make(configuration.log)
    let narrator = DemoNarrator(
      stage: stage,
      options: .init(
        printsOnce: once, printsJSON: output == .json, deadline: seconds.map { .now + .seconds($0) }),
      voice: DemoVoice(style: .standardOutput(environment: environment)))
    let agent = try Agent(configuration: configuration, environment: environment, logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: agent, serviceName: "agent"),
          .init(
            service: narrator, successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "narrator"),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }
}

extension Result where Failure == any Error, Success: Sendable {
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// Why a demo cannot continue.
enum DemoError: Error, CustomStringConvertible {
  case noFolder(String)
  /// There is no free port for a service, or no free address to move it to.
  case noPort(service: String)
  case notSettled(routes: [String], seconds: Int)

  var description: String {
    switch self {
    case .noFolder(let reason): "cannot make a folder in /tmp: \(reason)"
    case .noPort(let service): "found no free loopback port for the demo's service \(service)"
    case .notSettled(let routes, let seconds):
      "after \(seconds) s these routes had not settled: \(routes.joined(separator: ", "))"
    }
  }
}
