import Foundation
import Glibc
import TestSupport
import Testing

/// HTTP/2 with clients: curl, and one that breaks every rule.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(35)))
struct HTTP2Tests {
  @Test func speaksTheVersionThatTheClientPrefers() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await SecureProxyLab.start(routes: "web: {\(upstream.target)}")
    for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
      let said = try await lab.curl("web", "/page?x=1", option)
      #expect(said.output == "echo\n\(version) 200", "\(said)")
    }
    for request in upstream.requests {
      #expect(request.startLine == "GET /page?x=1 HTTP/1.1")
      #expect(request["host"] == "web.lab.test:\(lab.port)")
      #expect(request["x-forwarded-proto"] == "https")
      #expect(request.values("connection").isEmpty && request.values("te").isEmpty, "\(request.fields)")
    }
  }

  @Test func passesBodiesOfAnySizeBothWays() async throws {
    let folder = try TemporaryDirectory()
    let bytes = pattern(3_000_000)
    _ = FileManager.default.createFile(atPath: folder.file("body"), contents: Data(bytes))
    let text = String(repeating: "0123456789abcdef", count: 300_000)
    let upstream = try await EchoUpstream(
      answers: ["/large": "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"])
    let lab = try await SecureProxyLab.start(routes: "web: {\(upstream.target)}")
    // With and without a length.
    for way in [["--data-binary", "@\(folder.file("body"))"], ["--upload-file", "-"]] {
      let command = "exec curl \"$@\" < \(folder.file("body"))"
      let arguments = lab.arguments("web", "/", ["--http2"] + way)
      let said = try await Program.run("/bin/sh", ["-c", command, "sh"] + arguments)
      #expect(said.output == "echo\n2 200", "\(said)")
    }
    #expect(upstream.requests.map { $0.body == bytes } == [true, true])
    #expect(try await lab.curl("web", "/large", "--http2").output == "\(text)\n2 200")
    #expect(try await lab.curl("web", "/large", "--http2", "--head").output.hasSuffix("\n2 200"))
  }

  /// A reset that overtakes the response would lose it.
  @Test func answersWhoIsStillSendingAsAWhole() async throws {
    let folder = try TemporaryDirectory()
    _ = FileManager.default.createFile(atPath: folder.file("body"), contents: Data(pattern(3_000_000)))
    let lab = try await SecureProxyLab.start(routes: "{}")
    let said = try await lab.curl("nowhere", "/", "--http2", "--data-binary", "@\(folder.file("body"))")
    #expect(said.output.hasSuffix("\n2 404") && said.output.contains("route_not_found"), "\(said)")
  }

  @Test func aResponseWithoutContentHasNoLength() async throws {
    let upstream = try await EchoUpstream(
      answers: ["/none": "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"])
    let lab = try await SecureProxyLab.start(routes: "web: {\(upstream.target)}")
    for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
      let said = try await lab.curl("web", "/none", option, "--include")
      #expect(said.output.hasSuffix("\n\(version) 204"), "\(said)")
      #expect(!said.output.lowercased().contains("content-length"), "\(said)")
    }
  }

  @Test func givesUpBesideAnUpstreamThatBreaksOff() async throws {
    let upstream = try await ScriptedServer(
      ["*": [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close]])
    let lab = try await SecureProxyLab.start(
      routes: "web: {host: 127.0.0.1, port: \(upstream.port), scheme: http, healthcheck: {disable: true}}")
    let said = try await lab.curl("web", "/", "--http2")
    #expect(said.status != .code(0), "a response that is cut short is no response: \(said)")
  }

  /// The checks of h2spec, and floods that have brought servers down.
  @Test func keepsToTheProtocolAndLivesOn() async throws {
    let upstream = try await EchoUpstream("hello")
    let lab = try await SecureProxyLab.start(routes: "web: {\(upstream.target)}")
    let said = try await Program.run(
      try Checkout.labPython(),
      ["-B", "\(Checkout.root)/Tests/Lab/http2_conformance.py", "\(lab.port)", "web.lab.test"], within: .seconds(1800))
    #expect(said.status == .code(0), "\(said.output)\(said.errors)")
    #expect(upstream.requests.allSatisfy { $0.values("transfer-encoding").count <= 1 })
    #expect(try await lab.curl("web", "/", "--http2").output == "hello\n2 200")
    #expect(lab.agent.program.exitStatus == nil)
  }

  @Test func finishesWhatIsInProgressWhenTheAgentStops() async throws {
    let upstream = try await ScriptedServer(["*": [.gate("answer"), .answer(body: "late")]])
    let lab = try await SecureProxyLab.start(
      routes: "web: {host: 127.0.0.1, port: \(upstream.port), scheme: http, healthcheck: {disable: true}}",
      settings: ", drain: 1h")
    let client = try Program("/usr/bin/curl", lab.arguments("web", "/", ["--http2", "--max-time", "900"]))
    try await eventually("the upstream has the request") {
      try await upstream.events(.request).isEmpty ? nil : true
    }
    lab.agent.program.signal(SIGTERM)
    try await eventually("nobody listens any more") {
      try await lab.curl("web", "/", "--http2").status == .code(7) ? true : nil
    }
    #expect(client.exitStatus == nil)
    upstream.open("answer")
    #expect(try await client.exit() == .code(0))
    #expect(client.output == "late\n2 200")
    #expect(try await lab.agent.program.exit() == .code(0))
  }
}
