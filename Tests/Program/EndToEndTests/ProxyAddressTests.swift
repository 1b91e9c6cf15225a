import TestSupport
import Testing

/// A reload can move the proxy to another address, without a restart.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyAddressTests {
  @Test func aReloadMovesTheProxyToAnotherAddress() async throws {
    let lab = try await ProxyLab.start(try await EchoUpstream())
    #expect(try await lab.get("web").text == "echo")
    // The port remains free in between: other tests listen on other loopback addresses.
    var files = lab.agent.files
    files.more = "proxy: {http: \"127.0.0.99:\(lab.port)\"}"
    try files.write()
    let reloaded = try await lab.agent.post("/v1/reload")
    #expect(reloaded.status == 200 && reloaded.body["restart_needed"].elements.isEmpty, "\(reloaded)")
    try await eventually("the old address is left; the agent said:\n\(lab.agent.program.errors)") { () -> Bool? in
      do { _ = try await lab.connect() } catch { return true }
      return nil
    }
    try await eventually("the new address is listened on; the agent said:\n\(lab.agent.program.errors)") {
      lab.agent.program.errors.contains("address=127.0.0.99:\(lab.port)") ? true : nil
    }
    #expect(lab.agent.program.exitStatus == nil)
  }
}
