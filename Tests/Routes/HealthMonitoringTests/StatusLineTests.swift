import Testing

@testable import HealthMonitoring

@Suite struct StatusLineTests {
  @Test(arguments: [
    (200, "OK", "200 OK"), (200, "", "200 OK"), (503, " ", "503 Service Unavailable"), (299, "", "299"),
    (404, "No\u{1b}[31mwhere\u{202e}\n", "404 No[31mwhere"),
    (200, String(repeating: "x", count: 500), "200 " + String(repeating: "x", count: 60)),
  ])
  func writesAStatusThatIsSafeOnATerminal(status: Int, reason: String, text: String) {
    #expect(StatusLine.text(status, reason: reason) == text)
  }
}
