import Testing

@testable import ProxmoxAPI

@Suite("HTTPDate") struct HTTPDateTests {
  @Test(
    "Dates of HTTP answers",
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
      ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("0", nil),
      ("Sun, 06 Nov 1994 25:49:37 GMT", nil),
    ] as [(String, Int?)])
  func reads(text: String, seconds: Int?) { #expect(HTTPDate.seconds(text) == seconds) }
}
