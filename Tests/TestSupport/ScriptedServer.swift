import Foundation
import Synchronization

/// A server on a loopback socket that treats its clients as a test's script says, and reports what it observed.
///
/// It is a Python process, so that its TLS and its sockets are not the ones under test; it ends when this value is
/// released, or with the test process.
package final class ScriptedServer: Sendable {
  /// What the server does after it has read a request.
  package enum Step: Sendable {
    case send([UInt8])
    /// Sends that many bytes of `x`.
    case flood(Int)
    /// Answers with the received request as JSON: `method`, `path`, `headers` (names in lower case), `body`.
    case echo
    /// Waits until the test calls ``ScriptedServer/open(_:)``.
    case gate(String)
    /// Sends nothing more until the client closes.
    case hold
    case close
    /// Closes with a TCP reset.
    case reset

    package static func send(_ text: String) -> Step { .send(Array(text.utf8)) }

    /// A complete response with `Content-Length`.
    package static func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "") -> Step {
      answer(status, headers: headers, body: Array(body.utf8))
    }

    package static func answer(_ status: String = "200 OK", headers: [String] = [], body: [UInt8]) -> Step {
      let head = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.count)", "", ""]
      return .send(Array(head.joined(separator: "\r\n").utf8) + body)
    }
  }

  /// Something that the server observed.
  package struct Event: Decodable, Sendable {
    package enum Kind: String, Decodable, Sendable {
      /// The socket listens.
      case listening
      /// A client has connected.
      case connection
      /// A TLS handshake has completed; see `resumed` and `serverName`.
      case tls
      case handshakeFailed = "handshake_failed"
      case request
      /// A connection has ended; `received` is the number of bytes inside TLS.
      case closed
      /// A gate was opened.
      case gate
    }

    package var event: Kind
    package var connection: Int?
    package var port: UInt16?
    package var resumed: Bool?
    package var serverName: String?
    package var method: String?
    package var path: String?
    package var headers: [String: String]?
    package var body: String?
    package var received: Int?
    package var name: String?
  }

  private struct Plan: Encodable {
    var routes: [String: [[String: String]]]
    var certificate: String?
    var key: String?
    var unixSocket: String?
    var host: String
    var speaksHTTP2: Bool
    var greeting: String
  }

  private let process: ServerProcess
  package let port: UInt16

  /// Starts the server; `script` maps a path (`*`: any other) to its steps. A script that ends leaves the connection
  /// open for the next request. A `greeting` is sent to each client at once. With `speaksHTTP2`, the server uses HTTP/2
  /// in clear text and answers every request with 200.
  package init(
    _ script: [String: [Step]] = ["*": [.answer()]], certificate: TestCertificate? = nil,
    unixSocket: String? = nil, host: String = "127.0.0.1", speaksHTTP2: Bool = false, greeting: String = ""
  ) async throws {
    let plan = Plan(
      routes: script.mapValues { $0.map(\.plan) }, certificate: certificate?.chainFile, key: certificate?.keyFile,
      unixSocket: unixSocket, host: host, speaksHTTP2: speaksHTTP2, greeting: greeting)
    let process = try ServerProcess(
      program: Self.program, input: String(decoding: try JSONEncoder().encode(plan), as: UTF8.self))
    self.process = process
    port =
      try await eventually("the scripted server listens") {
        try Self.decode(process.lines).first { $0.event == .listening }
      }.port ?? 0
  }

  /// Everything observed so far, including what was observed before the last answer.
  package func events() async throws -> [Event] {
    let mark = UUID().uuidString
    open(mark)
    return try await eventually("the scripted server tells what it saw") {
      let events = try Self.decode(process.lines)
      return events.contains { $0.name == mark } ? events : nil
    }
  }

  package func events(_ kind: Event.Kind) async throws -> [Event] { try await events().filter { $0.event == kind } }

  package func open(_ gate: String) { process.write("\(gate)\n") }

  private static func decode(_ lines: [String]) throws -> [Event] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try lines.map { try decoder.decode(Event.self, from: Data($0.utf8)) }
  }
}

extension ScriptedServer.Step {
  fileprivate var plan: [String: String] {
    switch self {
    case .send(let bytes): ["do": "send", "bytes": Data(bytes).base64EncodedString()]
    case .flood(let count): ["do": "flood", "count": "\(count)"]
    case .echo: ["do": "echo"]
    case .gate(let name): ["do": "gate", "name": name]
    case .hold: ["do": "hold"]
    case .close: ["do": "close"]
    case .reset: ["do": "reset"]
    }
  }
}
