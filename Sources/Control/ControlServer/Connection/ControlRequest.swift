/// A request whose answer is not there at once, with the way for it.
struct ControlRequest: Sendable {
  let answer: @Sendable () async -> Response
  let writer: ResponseWriter
}
