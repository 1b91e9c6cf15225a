import ControlAPI
import Hummingbird
import Reconciliation
import ServiceLifecycle

/// One reader of `/v1/events`: events as they come, a comment where none does, an end when the agent stops.
struct EventStream: Sendable {
  private enum Turn: Sendable {
    case event(Event)
    case quiet
    case stopping
  }

  var ring: EventRing
  var since: UInt64
  /// Empty is all; an overflow always comes through.
  var kinds: Set<Event.Kind>
  /// Shorter than the time after which proxies give up on a silent connection; also how a gone reader is found.
  var heartbeat: Duration = .seconds(15)

  func write(to writer: inout any ResponseBodyWriter) async throws {
    // The id lets a reader that breaks off before its first event resume without a gap.
    try await writer.write(ByteBuffer(string: "retry: 1000\nid: \(since)\n\n"))
    var cursor = since
    while true {
      switch await next(after: cursor) {
      case .event(let event):
        cursor = event.id
        guard kinds.isEmpty || kinds.contains(event.kind) || event.kind == .overflow else { continue }
        try await writer.write(try Self.frame(event))
      case .quiet: try await writer.write(ByteBuffer(string: ": still here\n\n"))
      case .stopping: return
      }
    }
  }

  /// Waits for an event, the heartbeat or the stop. An event that loses the race is not lost: the ring gives it again.
  private func next(after cursor: UInt64) async -> Turn {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Turn.self) { group in
        group.addTask { await ring.events(since: cursor).first { _ in true }.map(Turn.event) ?? .stopping }
        group.addTask { (try? await Task.sleep(for: heartbeat)).map { Turn.quiet } ?? .stopping }
        defer { group.cancelAll() }
        return await group.next() ?? .stopping
      }
    }
  }

  static func frame(_ event: Event) throws -> ByteBuffer {
    var frame = ByteBuffer(string: "id: \(event.id)\nevent: \(event.kind.rawValue)\ndata: ")
    frame.writeBytes(try WireFormat.encode(EventData(event)))
    frame.writeString("\n\n")
    return frame
  }
}
