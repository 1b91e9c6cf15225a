import PrintableText
import Testing

@Suite struct HTTPDateTests {
  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_825_600, "Tue, 29 Feb 2000 12:00:00 GMT"), (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
    (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"), (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
  ])
  func writesAndParsesTheCurrentFormat(seconds: Int, text: String) {
    #expect(HTTPDate.text(seconds) == text)
    #expect(HTTPDate.seconds(text) == seconds)
  }

  @Test(arguments: [
    "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "06 Nov 1994", "Sun, 32 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nvo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "784111777",
    "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
  ])
  func refusesOtherTexts(text: String) {
    #expect(HTTPDate.seconds(text) == nil)
  }

  @Test func parsesTheObsoleteFormats() {
    #expect(HTTPDate.seconds("Friday, 01-Jan-70 00:00:00 GMT") == 0)
    #expect(HTTPDate.seconds("Monday, 01-Jan-24 00:00:00 GMT") == 1_704_067_200)
    #expect(HTTPDate.seconds("Sun Nov  6 08:49:37 1994") == 784_111_777)
  }
}
