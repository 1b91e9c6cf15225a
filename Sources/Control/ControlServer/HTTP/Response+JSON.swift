import ControlAPI
import NIOCore

extension Response {
  /// JSON with a line feed at its end, for terminals.
  static func json(_ value: some Encodable, status: Status = .ok) throws -> Response {
    let body = ByteBuffer(bytes: try WireFormat.encode(value) + [UInt8(ascii: "\n")])
    return Response(status: status, contentType: "application/json", body: .bytes(body))
  }

  init(_ failure: APIFailure) throws {
    self = try .json(failure.answer, status: failure.status)
    allow = failure.allow
  }
}
