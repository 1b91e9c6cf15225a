import HTTPMessages
import NIOCore

/// A request that is there as a whole, with the way for its answer.
struct ControlRequest: Sendable {
  let head: RequestHead
  let channel: any Channel
  let writer: ResponseWriter
}
