import ControlAPI
import GuestControl
import JSONDocument
import NIOCore
import Reconciliation
import RouteModel
import ServiceLifecycle

/// One reader of `/v1/events`: sends events as they occur, a comment while there are none, and ends when the agent
/// stops.
struct EventStream: Sendable {
  private enum Turn: Sendable {
    case event(Event)
    case quiet
    case stopping
  }

  var ring: EventRing
  var since: UInt64
  /// Empty means all; an overflow is always sent.
  var kinds: Set<Event.Kind>
  /// The time without a write after which a comment is written.
  var heartbeat: Duration
  /// Where a stream route listens.
  var listener: @Sendable (RouteID) -> ListenerState?
  /// The control state of the guest behind a route.
  var control: @Sendable (Route) -> ControlReport?

  func write(to writer: ResponseWriter) async throws {
    // The id lets a reader that breaks off before its first event resume without a gap.
    try await writer.write(ByteBuffer(string: "retry: 1000\nid: \(since)\n\n"))
    var (cursor, due) = (since, ContinuousClock.now + heartbeat)
    while true {
      let part: ByteBuffer
      switch await next(after: cursor, until: due) {
      case .event(let event):
        cursor = event.id
        if includes(event) {
          part = frame(event)
        } else if .now >= due {
          part = Self.comment
        } else {
          continue
        }
      case .quiet: part = Self.comment
      case .stopping: return
      }
      try await writer.write(part)
      due = .now + heartbeat
    }
  }

  private func includes(_ event: Event) -> Bool {
    kinds.isEmpty || kinds.contains(event.kind) || event.kind == .overflow
  }

  /// Waits for an event, the heartbeat or the stop. An event that loses the race is still in the ring and is read next.
  private func next(after cursor: UInt64, until due: ContinuousClock.Instant) async -> Turn {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Turn.self) { group in
        group.addTask { await ring.events(since: cursor).first { _ in true }.map(Turn.event) ?? .stopping }
        group.addTask { (try? await Task.sleep(until: due, clock: .continuous)).map { Turn.quiet } ?? .stopping }
        defer { group.cancelAll() }
        return await group.next() ?? .stopping
      }
    }
  }

  private static let comment = ByteBuffer(string: ": still here\n\n")

  private func frame(_ event: Event) -> ByteBuffer {
    var frame = ByteBuffer(string: "id: \(event.id)\nevent: \(event.kind.rawValue)\ndata: ")
    frame.writeBytes(EventData(event, listener: listener, control: control).json)
    frame.writeString("\n\n")
    return frame
  }
}
