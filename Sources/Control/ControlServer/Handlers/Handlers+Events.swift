import ControlAPI
import LinuxSystem
import Reconciliation

extension Handlers {
  func events(_ request: APIRequest) throws -> Response {
    let kinds = Set(try request.query.all("type", as: Event.Kind.self))
    let since = try resumePoint(request) ?? agent.events.lastID
    let stream = EventStream(
      ring: agent.events, since: since, kinds: kinds, heartbeat: heartbeat,
      listener: { [agent] in agent.listener(of: $0) }, control: control)
    return Response(contentType: "text/event-stream", body: .stream { try await stream.write(to: $0) })
  }

  // A reader that reconnects repeats its first URL, so the header is the newer of the two
  // (https://html.spec.whatwg.org/multipage/server-sent-events.html).
  private func resumePoint(_ request: APIRequest) throws(APIFailure) -> UInt64? {
    _ = try request.query.single("since")
    let since = try request.query.allNumbers("since", in: 0...UInt64.max).first
    guard let text = request.lastEventID else { return since }
    guard let id = UInt64(text) else {
      throw .badRequest("invalid_parameter", "an event id is a whole number, found '\(text.excerpt)'")
    }
    return id
  }
}
