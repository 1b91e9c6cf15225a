import TestSupport
import Testing

/// gRPC through the proxy to an h2c upstream, with its own library on both ends: Tests/Lab/grpc_lab.py.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyGRPCTests {
  private static let cases = [
    "unary", "refused", "server_stream", "silence", "cancels", "client_stream", "conversation",
  ]
  /// Shorter than the server of the lab is silent. It limits the bodies of requests too.
  private static func settings(_ name: String) -> String { name == "silence" ? ", timeouts: {idle: 1s}" : "" }

  @Test(arguments: cases) func carriesGRPCOverTLS(name: String) async throws {
    let upstream = try await LabUpstream.start("grpc_lab.py")
    let lab = try await SecureProxyLab.start(
      routes: "grpc: {\(upstream.target(scheme: "h2c"))}", settings: Self.settings(name))
    let client = try await upstream.check(name, by: lab.port, "grpc.lab.test", lab.certificate.certificateFile)
    #expect(client.status == .code(0), "\(client.errors)")
    #expect(upstream.program.exitStatus == nil)
  }

  /// With prior knowledge of HTTP/2.
  @Test(arguments: ["unary", "silence", "conversation"]) func carriesGRPCInClearText(name: String) async throws {
    let upstream = try await LabUpstream.start("grpc_lab.py")
    let lab = try await ProxyLab.start(
      routes: "grpc: {\(upstream.target(scheme: "h2c"))}", settings: Self.settings(name))
    let client = try await upstream.check(name, by: lab.port)
    #expect(client.status == .code(0), "\(client.errors)")
    #expect(upstream.program.exitStatus == nil)
  }
}
