/// An HTTP/1.1 message as transmitted, for tests that inspect every byte.
package struct RawMessage: Sendable {
  package var startLine: String
  /// In order, with names as written.
  package var fields: [(name: String, value: String)]
  package var body: [UInt8] = []
  package var trailers: [(name: String, value: String)] = []
  /// Whether the body is complete.
  package var isComplete = true

  /// For responses.
  package var status: Int? { startLine.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
  /// For requests.
  package var path: String { startLine.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
  package var method: String { startLine.split(separator: " ").first.map(String.init) ?? "" }
  package var text: String { String(decoding: body, as: UTF8.self) }

  /// All values of a field, case-insensitively.
  package func values(_ name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }

  package subscript(_ name: String) -> String? { values(name).first }

  fileprivate init(head: [UInt8]) {
    var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
    startLine = lines.isEmpty ? "" : String(lines.removeFirst())
    fields = Self.fields(lines)
  }

  fileprivate static func fields(_ lines: [Substring]) -> [(name: String, value: String)] {
    lines.map { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]).trimmingBlanks : "")
    }
  }
}

extension RawConnection {
  /// The next request; nil if the connection ended first.
  package func request() async throws -> RawMessage? {
    guard var message = try await head() else { return nil }
    try await readBody(of: &message, untilClose: false)
    return message
  }

  /// Only a head; its body follows.
  package func head() async throws -> RawMessage? {
    try await take(through: "\r\n\r\n").map { RawMessage(head: $0) }
  }

  /// The next final response, skipping interim ones.
  package func response(to method: String = "GET") async throws -> RawMessage? {
    while let message = try await anyResponse(to: method) {
      if message.status.map({ $0 >= 200 || $0 == 101 }) ?? true { return message }
    }
    return nil
  }

  /// The next response, which may be an interim one.
  package func anyResponse(to method: String = "GET") async throws -> RawMessage? {
    guard var message = try await head() else { return nil }
    let status = message.status ?? 0
    if method == "HEAD" || status < 200 || status == 204 || status == 304 { return message }
    try await readBody(of: &message, untilClose: true)
    return message
  }

  package func readBody(of message: inout RawMessage, untilClose: Bool) async throws {
    if message["transfer-encoding"] != nil {
      try await readChunks(of: &message)
    } else if let length = message["content-length"].flatMap({ Int($0) }) {
      let body = try await take(length)
      message.isComplete = body != nil
      message.body = if let body { body } else { try await takeAll() }
    } else if untilClose {
      message.body = try await takeAll()
    }
  }

  private func readChunks(of message: inout RawMessage) async throws {
    while let line = try await take(through: "\r\n"),
      let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16)
    {
      guard size > 0 else { return try await readTrailers(of: &message) }
      guard let chunk = try await take(size + 2) else { break }
      message.body += chunk.dropLast(2)
    }
    message.isComplete = false
  }

  private func readTrailers(of message: inout RawMessage) async throws {
    var lines: [Substring] = []
    while let line = try await take(through: "\r\n") {
      if line.count == 2 { break }
      lines.append(Substring(decoding: line.dropLast(2), as: UTF8.self))
    }
    message.trailers = RawMessage.fields(lines)
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
