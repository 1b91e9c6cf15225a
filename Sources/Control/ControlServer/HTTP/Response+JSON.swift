import ControlAPI
import JSONDocument
import NIOCore

extension Response {
  /// JSON with a line feed at its end, for terminals.
  static func json(_ value: some JSONWritable, status: Status = .ok) -> Response {
    var json = JSONWriter()
    value.write(to: &json)
    json.endLine()
    return Response(status: status, contentType: "application/json", body: .bytes(ByteBuffer(bytes: json.bytes)))
  }

  /// As ``json(_:status:)``, for a list of any length.
  static func json(_ parts: [PartedBody<JSONWriter>.Part]) -> Response {
    let end = PartedBody<JSONWriter>.Part { $0.endLine() }
    return Response(
      contentType: "application/json", body: .pieces(PartedBody(JSONWriter(), parts + [end])))
  }

  init(_ failure: APIFailure) {
    self = .json(failure.answer, status: failure.status)
    allow = failure.allow
  }
}
