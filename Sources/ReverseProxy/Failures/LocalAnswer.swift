import HTTPMessages
import NIOCore

/// A response of the proxy's own.
struct LocalAnswer {
  let head: ResponseHead
  let body: ByteBuffer

  init(_ failure: ProxyFailure, accept: String?, limits: MessageLimits) {
    let text = "\(failure)\n"
    body = ByteBuffer(string: text)
    let bytes = ByteBuffer(string: "HTTP/1.1 \(failure.status) \r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count)\r\n\r\n")
    head = (try? ResponseHead(bytes, limits: limits))!
  }
}
