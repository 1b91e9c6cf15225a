import TestSupport
import Testing

/// A client with a pool, uploads in chunks and WebSockets, with aiohttp on both ends: Tests/Lab/aiohttp_lab.py.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyAiohttpTests {
  private static let cases = ["pools", "uploads", "downloads", "chats"]

  @Test(arguments: cases) func servesAiohttp(name: String) async throws {
    let upstream = try await LabUpstream.start("aiohttp_lab.py")
    let lab = try await ProxyLab.start(routes: "web: {\(upstream.target())}")
    let client = try await upstream.check(name, by: lab.port)
    #expect(client.status == .code(0), "\(client.errors)")
    #expect(upstream.program.exitStatus == nil)
  }

  @Test(arguments: cases) func servesAiohttpOverTLS(name: String) async throws {
    let upstream = try await LabUpstream.start("aiohttp_lab.py")
    let lab = try await SecureProxyLab.start(routes: "web: {\(upstream.target())}")
    let client = try await upstream.check(name, by: lab.port, "web.lab.test", lab.certificate.certificateFile)
    #expect(client.status == .code(0), "\(client.errors)")
    #expect(upstream.program.exitStatus == nil)
  }
}
