import Foundation
import PVESimulator
import TestSupport

/// Asks through the `curl` program, so that what the simulator sends is read by somebody else's code.
struct CurlClient {
  struct Answer {
    var status: Int
    var reason: String
    /// As sent, without the status line.
    var headers: [String]
    var body: String

    /// The `data` of an API answer.
    var data: Any? {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8))).flatMap { $0 as? [String: Any] }?["data"]
    }
    var objects: [[String: Any]] { data as? [[String: Any]] ?? [] }
    var object: [String: Any] { data as? [String: Any] ?? [:] }
  }

  var url: String
  /// The token's `Authorization`; nil for none.
  var authorization: String? = SimulatedCluster.sampleToken.header

  init(_ simulator: PVESimulator, authorization: String? = SimulatedCluster.sampleToken.header) {
    (self.url, self.authorization) = (simulator.url, authorization)
  }

  /// Calls a path below `/api2/json`.
  func get(_ path: String, _ arguments: String...) async throws -> Answer {
    try await ask("\(url)/api2/json\(path)", arguments)
  }

  func post(_ path: String, _ fields: KeyValuePairs<String, String>) async throws -> Answer {
    try await ask("\(url)/api2/json\(path)", fields.flatMap { ["--data-urlencode", "\($0)=\($1)"] })
  }

  func ask(_ url: String, _ arguments: [String]) async throws -> Answer {
    let folder = try TemporaryDirectory()
    let credentials = authorization.map { ["-H", "Authorization: \($0)"] } ?? []
    let code = try await Self.run(
      ["-sk", "-m", "30", "-D", folder.file("head"), "-o", folder.file("body")] + credentials + arguments + [url])
    guard code == 0 else { throw Failure(code: code) }
    let head = try String(contentsOfFile: folder.file("head"), encoding: .isoLatin1)
      .components(separatedBy: "\r\n").filter { !$0.isEmpty }
    let words = (head.first ?? "").split(separator: " ", maxSplits: 2)
    return Answer(
      status: words.count > 1 ? Int(words[1]) ?? 0 : 0, reason: words.count > 2 ? String(words[2]) : "",
      headers: Array(head.dropFirst()), body: (try? String(contentsOfFile: folder.file("body"), encoding: .utf8)) ?? "")
  }

  /// An exit code of curl: 7 refused, 18 partial, 28 timed out, 35 no TLS, 52 or 56 closed, 60 not trusted.
  struct Failure: Error, Equatable { var code: Int32 }

  static func run(_ arguments: [String]) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }
}
