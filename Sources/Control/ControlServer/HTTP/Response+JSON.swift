import ControlAPI
import Hummingbird

extension Response {
  /// JSON with a line feed at its end, for terminals.
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let body = ByteBuffer(bytes: try WireFormat.encode(value) + [UInt8(ascii: "\n")])
    return Response(
      status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: body))
  }

  init(_ failure: APIFailure) throws {
    self = try .json(failure.answer, status: failure.status)
    if let allow = failure.allow { headers[.allow] = allow }
  }
}
