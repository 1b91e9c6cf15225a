import HTTPTransport

/// The raw text of a stream, up to the part that a test waits for.
func text(
  of path: String, lastEventID: String? = nil, on socket: String, until part: String
) async throws -> String {
  var request = HTTPRequest(.get, "http://localhost\(path)")
  request.unixSocketPath = socket
  if let lastEventID { request.headers = [("Last-Event-ID", lastEventID)] }
  let client = HTTPClient()
  defer { client.shutdown() }
  var text = ""
  for try await chunk in try await client.stream(request).body {
    text += String(decoding: chunk, as: UTF8.self)
    if text.contains(part), text.hasSuffix("\n\n") { break }
  }
  return text
}
