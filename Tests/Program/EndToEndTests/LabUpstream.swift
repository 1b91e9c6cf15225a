import TestSupport

/// An upstream of Tests/Lab, which prints its port and serves until it is released.
struct LabUpstream {
  let program: Program
  let port: UInt16
  private let script: String

  /// - Parameters:
  ///   - script: in Tests/Lab.
  ///   - place: more arguments for `serve`.
  static func start(_ script: String, _ place: [String] = []) async throws -> LabUpstream {
    let script = "\(Checkout.root)/Tests/Lab/\(script)"
    let program = try Program(Checkout.labPython(), ["-B", script, "serve"] + place, input: .openUntilReleased)
    let port = try await eventually("\(script) listens; it said:\n\(program.errors)") {
      program.output.hasSuffix("\n") ? UInt16(program.output.dropLast()) : nil
    }
    return LabUpstream(program: program, port: port, script: script)
  }

  /// Runs a case of the same script against a proxy.
  ///
  /// - Parameter place: the host to ask for, and the CA to believe, over TLS.
  func check(_ name: String, by port: UInt16, _ place: String...) async throws -> Program.Finished {
    try await Program.run(Checkout.labPython(), ["-B", script, "check", "\(port)", name] + place)
  }

  /// `host: …, port: …` for a route to it.
  func target(scheme: String = "http") -> String {
    "host: 127.0.0.1, port: \(port), scheme: \(scheme), healthcheck: {disable: true}"
  }
}
