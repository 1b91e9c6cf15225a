import ArgumentParser
import ControlAPI
import ControlClient
import JSONDocument

/// What `start` and `stop` take.
struct ControlOptions: ParsableArguments {
  @OptionGroup var query: QueryOptions

  @Flag(help: "Wait until the guest is ready, or stopped.")
  var wait = false

  @Argument(help: "An alias or key, or a guest as VMID or CLUSTER/VMID.", completion: .aliases)
  var target: String

  /// How often the agent is asked while it is waited for.
  private static let pause = Duration.milliseconds(250)

  func run(_ action: String, until ends: Set<String>) async throws {
    let client = query.agent.client()
    let guest: (cluster: String, vmid: Int)?
    do throws(ControlClientError) { guest = try await resolve(client) } catch { throw error.reported() }
    try await query.request { client throws(ControlClientError) in
      var answer: DecodedAnswer<ControlAnswer>
      if let guest {
        answer = try await client.control(action, cluster: guest.cluster, vmid: guest.vmid)
      } else {
        answer = try await client.control(action, route: target)
      }
      while wait, !ends.contains(answer.value.control.state), answer.value.control.isUnderWay(action) {
        do { try await Task.sleep(for: Self.pause) } catch { throw .cancelled }
        guard let control = try await current(client, guest) else { break }
        let value = ControlAnswer(control: control)
        answer = DecodedAnswer(value: value, body: value.json + [UInt8(ascii: "\n")])
      }
      return answer
    } then: { answer in
      try query.print(answer) { value, _ in ControlText.line(value.control) }
      if wait, !ends.contains(answer.value.control.state) { throw ExitCode.failure }
    }
  }

  /// The guest that a number names; nil for the alias of a route. Two clusters may have guests of one number.
  private func resolve(_ client: ControlClient) async throws(ControlClientError) -> (cluster: String, vmid: Int)? {
    let parts = target.split(separator: "/", omittingEmptySubsequences: false)
    guard let vmid = parts.last.flatMap({ Int($0) }), parts.count <= 2 else { return nil }
    if parts.count == 2 { return (String(parts[0]), vmid) }
    let clusters = Set(try await client.guests().value.guests.filter { $0.vmid == vmid }.map(\.cluster)).sorted()
    if clusters.count > 1 {
      throw .api(
        status: 300,
        ErrorAnswer(
          code: "ambiguous", message: "guest \(vmid) exists in \(clusters.joined(separator: " and "))",
          hint: "say which: \(clusters[0])/\(vmid)"))
    }
    return clusters.first.map { ($0, vmid) }
  }

  private func current(
    _ client: ControlClient, _ guest: (cluster: String, vmid: Int)?
  ) async throws(ControlClientError) -> ControlJSON? {
    guard let guest else { return try await client.route(target).value.control }
    let filter = [(name: "cluster", value: guest.cluster), (name: "vmid", value: String(guest.vmid))]
    return try await client.routes(filter: filter).value.routes.first?.control
  }
}

extension ControlJSON {
  fileprivate func isUnderWay(_ action: String) -> Bool {
    action == "start" ? state == "starting" || state == "waiting" || state == "stopping" : state == "stopping"
  }
}

/// A guest's state as one line.
enum ControlText {
  static func line(_ control: ControlJSON) -> String {
    let cause = control.cause.map { ": \($0)" } ?? ""
    let reason = control.startedBy.map { " (started by \($0))" } ?? ""
    return DisplayWidth.printable("\(control.state)\(cause)\(reason)") + "\n"
  }
}
