import ControlClient
import ControlServer
import NIOCore
import RouteModel
import TestSupport
import Testing

/// The rules for a client's connection to the socket.
@Suite struct ConnectionTests {
  private static let question = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test(.timeLimit(.minutes(5))) func answersPipelinedRequestsInTheirOrder() async throws {
    try await withServer { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send(
        Self.question
          + "HEAD /v1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
          + "GET /v1/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
      let head = try #require(try await connection.response(to: "HEAD"))
      #expect(head.status == 200 && head.body.isEmpty && head["content-length"] != "0")
      #expect(try await connection.response()?.status == 405)
      let last = try #require(try await connection.response())
      #expect(last.status == 404 && last["connection"] == "close")
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(5))) func answersAClientThatClosedItsSide() async throws {
    try await withServer { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send(Self.question)
      try await connection.finish()
      #expect(try await connection.response()?.status == 200)
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(5))) func closesBehindTheAnswerToHTTP10() async throws {
    try await withServer { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send("GET /livez HTTP/1.0\r\nHost: x\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      "GET /livez HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nTransfer_Encoding: chunked\r\n\r\n",
    ]) func refusesWhatIsNoRequest(_ text: String) async throws
  {
    try await withServer { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send(text)
      let answer = try #require(try await connection.response())
      #expect(answer.status == 400 && answer.text.contains("malformed_request"), "\(answer)")
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(5))) func refusesABodyThatNoPathTakes() async throws {
    try await withServer { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      connection.begin(
        sending: ByteBuffer(
          string: "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n"
            + String(repeating: "x", count: (1 << 20) + 1)))
      #expect(try await connection.response()?.status == 413)
    }
  }

  /// One time limit for head and body: sending slowly does not extend it.
  @Test(
    .timeLimit(.minutes(5)),
    arguments: ["GET /livez HTTP/1.1\r\nX: ", "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"])
  func endsARequestThatArrivesTooSlowly(_ beginning: String) async throws {
    var timeouts = ControlTimeouts()
    timeouts.request = .seconds(1)
    let agent = StubAgent()
    try await withServer(agent, timeouts: timeouts) { _, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path)
      try await connection.send(beginning)
      try await eventually(every: .milliseconds(100), "it is ended") {
        try? await connection.send("x")
        return connection.isEnded ? () : nil
      }
      #expect(try await connection.response()?.status == 408)
      #expect(agent.reloads == 0)
    }
  }

  @Test(.timeLimit(.minutes(5))) func closesConnectionsAtRest() async throws {
    var timeouts = ControlTimeouts()
    timeouts.idle = .seconds(1)
    try await withServer(timeouts: timeouts) { _, socket async throws in
      // A client that takes longer to ask is closed before.
      let connection = try await eventually("a request is answered") { () -> RawConnection? in
        let connection = try await RawConnection.connect(unixSocket: socket.path)
        try? await connection.send(Self.question)
        return try await connection.response()?.status == 200 ? connection : nil
      }
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(5))) func closesAClientThatDoesNotReadItsAnswer() async throws {
    var timeouts = ControlTimeouts()
    timeouts.write = .milliseconds(200)
    let routes = (0..<4000).map {
      Route.sample("r\($0)", pool: .http, target: nil, link: .linked(.plex), status: .unknown)
    }
    try await withServer(StubAgent(routes: routes), timeouts: timeouts) { client, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path, reading: false)
      try await connection.send("GET /v1/routes HTTP/1.1\r\nHost: x\r\n\r\n")
      try await eventually("it is closed") {
        try? await connection.send("x")
        return connection.isEnded ? () : nil
      }
      _ = try await client.info()
    }
  }

  /// Otherwise, the agent would keep the answers in memory.
  @Test(.timeLimit(.minutes(5)), arguments: ["GET", "HEAD"])
  func beginsNoRequestWhileAnswersWaitUnread(_ method: String) async throws {
    try await withServer { client, socket async throws in
      let connection = try await RawConnection.connect(unixSocket: socket.path, reading: false)
      let request = "\(method) /v1/routes HTTP/1.1\r\nHost: x\r\n\r\n"
      let size = 16 << 20
      connection.begin(sending: ByteBuffer(string: String(repeating: request, count: size / request.utf8.count)))
      var (last, repeats) = (-1, 0)
      try await eventually(every: .milliseconds(50), "it takes no more") {
        let unsent = try await connection.unsent()
        (last, repeats) = (unsent, unsent == last ? repeats + 1 : 0)
        return repeats >= 40 ? () : nil
      }
      #expect(size - last < 2 << 20)
      _ = try await client.info()
    }
  }
}
