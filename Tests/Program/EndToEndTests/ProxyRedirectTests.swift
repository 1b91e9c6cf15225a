import Foundation
import TestSupport
import Testing

/// `redirect_http`, with curl as the client.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyRedirectTests {
  private static func ports(of agent: RunningAgent) async throws -> (http: Int, https: Int) {
    try await eventually("both listen; the agent said:\n\(agent.program.errors)") {
      func port(_ scheme: String) -> Int? {
        agent.program.errors.split(separator: "\n").first {
          $0.contains("proxy listens") && $0.hasSuffix("scheme=\(scheme)")
        }?
        .split(separator: " ").first { $0.hasPrefix("address=") }.flatMap { Int($0.split(separator: ":").last ?? "") }
      }
      guard let http = port("http"), let https = port("https") else { return nil }
      return (http, https)
    }
  }

  @Test func sendsRequestsInClearTextToTLS() async throws {
    let upstream = try await EchoUpstream()
    let certificate = try TestCertificate(names: ["DNS:web.lab.test"])
    var files = try AgentFiles(routes: ["routes.yml": "web: {\(upstream.target)}"])
    files.more =
      "proxy: {http: \"127.0.0.1:0\", https: \"127.0.0.1:0\", certificate: \(certificate.certificateFile), "
      + "key: \(certificate.keyFile), redirect_http: true, trusted_proxies: [127.0.0.1]}"
    let agent = try await RunningAgent.ready(files)
    let (http, https) = try await Self.ports(of: agent)
    func curl(_ host: String, _ path: String, _ options: String...) async throws -> Program.Finished {
      try await Program.run(
        "/usr/bin/curl",
        [
          "--silent", "--show-error", "--max-time", "170", "--cacert", certificate.certificateFile,
          "--resolve", "\(host):\(http):127.0.0.1", "--resolve", "\(host):\(https):127.0.0.1",
          "--write-out", "\n%{http_code} %{redirect_url} %{url_effective}", "http://\(host):\(http)\(path)",
        ] + options)
    }
    let place = "https://web.lab.test:\(https)/a?b=c%20d"
    #expect(
      try await curl("web.lab.test", "/a?b=c%20d").output == "\n308 \(place) http://web.lab.test:\(http)/a?b=c%20d")
    let followed = try await curl("web.lab.test", "/a?b=c%20d", "--location", "--data", "x")
    #expect(followed.output.hasSuffix("\n200  \(place)"), "\(followed)")
    #expect(upstream.requests.map(\.method) == ["POST"] && upstream.requests[0].text == "x")
    // What ACME clients are asked is answered where it is asked.
    let challenge = try await curl("web.lab.test", "/.well-known/acme-challenge/token")
    #expect(challenge.output.contains("\n200 "), "\(challenge)")
    // Behind a proxy that has the TLS.
    let secured = try await curl("web.lab.test", "/", "--header", "X-Forwarded-Proto: https")
    #expect(secured.output.contains("\n200 "), "\(secured)")
    #expect(try await curl("nowhere.lab.test", "/").output.contains("\n404 "))
  }
}
