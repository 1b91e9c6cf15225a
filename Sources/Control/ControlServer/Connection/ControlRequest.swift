/// A request that cannot be answered at once, with the writer for its answer.
struct ControlRequest: Sendable {
  let answer: @Sendable () async -> Response
  let writer: ResponseWriter
}
