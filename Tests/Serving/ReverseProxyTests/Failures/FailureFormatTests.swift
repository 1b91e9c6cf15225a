import Testing

@testable import ReverseProxy

@Suite struct FailureFormatTests {
  @Test(
    arguments: [
      // Browsers.
      ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", .html),
      ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .html), ("text/html", .html),
      ("TEXT/HTML", .html), ("text/html; charset=utf-8", .html), ("text/*", .html),
      // Programs.
      (nil, .json), ("*/*", .json), ("application/json", .json), ("application/json, text/plain, */*", .json),
      ("application/*", .json), ("image/avif,image/webp,*/*;q=0.8", .json), ("text/html, application/json", .json),
      // Preferences.
      ("text/html;q=0.5, application/json;q=0.4", .html), ("text/html;q=0.4, application/json;q=0.5", .json),
      ("text/html;q=0, */*", .json), ("application/json;q=0, */*;q=0.1", .html), ("text/plain, */*;q=0.1", .text),
      ("text/plain", .text), ("*/*, application/json;q=0, text/html;q=0.0", .text),
      ("text/html ; q = 0.9, */*;q=0.8", .html),
      ("text/html;level=1;q=0.9,application/json;Q=1.000", .json),
      ("text/html;q=0.123, application/json;q=0.12", .html),
      // The most specific range decides, not the one with the highest quality.
      ("text/html;q=0.1, text/*;q=0.9, application/json;q=0.5", .text),
      ("*/*;q=1, text/html;q=0.5, application/json;q=0.5", .text),
      // Unavailable types and invalid values.
      ("image/png", .text), ("", .text), ("text/html;q=0", .text), ("*/html", .text), ("html", .text), ("/", .text),
      ("text/html;q=2", .text), ("text/html;q=-1", .text), ("text/html;q=0.1234, */*;q=0.1", .json),
      ("text/html;q=, application/json;q=0.1", .json), (",,,text/html,,", .html), ("text/html/x", .text),
    ] as [(String?, FailureFormat)])
  func followsTheClientsPreference(accept: String?, format: FailureFormat) {
    #expect(FailureFormat(accept: accept) == format)
  }
}
