import Foundation
import TestSupport

/// `/v1/events` as received by curl, in a growing file.
final class EventStream: Sendable {
  struct Event: Sendable {
    var id: Int?
    var type: String
    var data: JSON
  }

  private let curl: Program

  /// Waits until the response has begun: from then on no event is missed.
  init(of agent: RunningAgent, query: String = "", lastEventID: String? = nil) async throws {
    var arguments = ["-sNi", "--unix-socket", agent.files.socketPath, "http://localhost/v1/events\(query)"]
    if let lastEventID { arguments += ["-H", "Last-Event-ID: \(lastEventID)"] }
    let curl = try Program("/usr/bin/curl", arguments)
    try await eventually("the stream begins") { curl.output.hasPrefix("HTTP/1.1 200") ? true : nil }
    self.curl = curl
  }

  /// All complete events so far.
  var received: [Event] {
    curl.output.replacing("\r\n", with: "\n").components(separatedBy: "\n\n").dropLast().compactMap { block in
      var (id, type, data) = (Int?.none, "", "")
      for line in block.split(separator: "\n") {
        let value = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
        if line.hasPrefix("id:") { id = Int(value) }
        if line.hasPrefix("event:") { type = String(value) }
        if line.hasPrefix("data:") { data += value }
      }
      return type.isEmpty ? nil : Event(id: id, type: type, data: (try? JSON(parsing: data)) ?? .null)
    }
  }

  @discardableResult
  func wait(for type: String, where condition: (JSON) -> Bool = { _ in true }) async throws -> Event {
    try await eventually("an event \(type); there were \(received)") {
      received.first { $0.type == type && condition($0.data) }
    }
  }

  @discardableResult
  func wait(for type: String, aboutRoute alias: String) async throws -> Event {
    try await wait(for: type) { [$0["alias"], $0["key"], $0["route"]["alias"]].contains(.string(alias)) }
  }
}
