import Foundation
import Testing

@testable import FileServing

@Suite struct ConditionTests {
  private static let modified = 784_111_777
  private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
  private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
  private static let later = "Sun, 06 Nov 1994 08:49:38 GMT"

  private let site: Site
  private let tag: String

  init() throws {
    site = try Site(["a.txt": "0123456789"])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: Double(Self.modified))], ofItemAtPath: "\(site.root)/a.txt")
    tag = try #require(site.get("/a.txt")["ETag"])
  }

  @Test func sendsItsValidators() throws {
    #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 10)
    #expect(site.get("/a.txt")["Last-Modified"] == Self.date)
    #expect(site.get("/a.txt")["ETag"] == tag)
  }

  @Test func anotherContentHasAnotherTag() throws {
    try site.write("9876543210", to: "a.txt")
    #expect(site.get("/a.txt")["ETag"] != tag)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: Double(Self.modified))], ofItemAtPath: "\(site.root)/a.txt")
    try site.write("x", to: "a.txt")
    #expect(site.get("/a.txt")["ETag"] != tag)
  }

  /// `TAG` is replaced by the file's tag. The order is that of RFC 9110 §13.2.2.
  @Test(
    arguments: [
      // If-None-Match: weak comparison, lists, `*`.
      ("TAG", nil, nil, nil, 304), ("W/TAG", nil, nil, nil, 304), ("\"x\", W/TAG", nil, nil, nil, 304),
      ("*", nil, nil, nil, 304), (" * ", nil, nil, nil, 304), ("\"x\"", nil, nil, nil, 200), ("", nil, nil, nil, 200),
      ("garbage, TAG", nil, nil, nil, 200), ("\"a,b\", TAG", nil, nil, nil, 304),
      // If-Modified-Since is only evaluated without it.
      (nil, date, nil, nil, 304), (nil, later, nil, nil, 304), (nil, earlier, nil, nil, 200),
      (nil, "soon", nil, nil, 200),
      ("\"x\"", later, nil, nil, 200), ("TAG", earlier, nil, nil, 304),
      (nil, "Sunday, 06-Nov-94 08:49:37 GMT", nil, nil, 304), (nil, "Sun Nov  6 08:49:37 1994", nil, nil, 304),
      // If-Match: strong comparison; evaluated before all others.
      (nil, nil, "TAG", nil, 200), (nil, nil, "*", nil, 200), (nil, nil, "W/TAG", nil, 412),
      (nil, nil, "\"x\"", nil, 412),
      ("TAG", nil, "\"x\"", nil, 412), ("TAG", nil, "TAG", nil, 304),
      // If-Unmodified-Since is only evaluated without it.
      (nil, nil, nil, date, 200), (nil, nil, nil, earlier, 412), (nil, nil, nil, "soon", 200),
      (nil, nil, "TAG", earlier, 200),
      ("TAG", nil, nil, date, 304),
    ] as [(String?, String?, String?, String?, Int)])
  func followsThePrecedenceOfConditions(
    noneMatch: String?, modifiedSince: String?, match: String?, unmodifiedSince: String?, status: Int
  ) throws {
    for method in ["GET", "HEAD"] {
      let answer = site.get("/a.txt") {
        $0.method = method
        $0.ifNoneMatch = noneMatch?.replacing("TAG", with: tag)
        $0.ifModifiedSince = modifiedSince
        $0.ifMatch = match?.replacing("TAG", with: tag)
        $0.ifUnmodifiedSince = unmodifiedSince
      }
      #expect(answer.status == status)
      if status == 304 {
        #expect(answer["ETag"] == tag)
        #expect(answer["Content-Length"] == nil)
        #expect(try answer.text == nil)
      }
    }
  }

  @Test(arguments: [
    ("bytes=0-0", "0", "bytes 0-0/10"), ("bytes=2-4", "234", "bytes 2-4/10"), ("bytes=5-", "56789", "bytes 5-9/10"),
    ("bytes=-3", "789", "bytes 7-9/10"), ("bytes=-100", "0123456789", "bytes 0-9/10"),
    ("bytes=8-100", "89", "bytes 8-9/10"), ("bytes=9-99999999999999999999999999", "9", "bytes 9-9/10"),
    ("bytes=0-9223372036854775807", "0123456789", "bytes 0-9/10"), ("BYTES=1-1", "1", "bytes 1-1/10"),
    (" bytes= 1-1 ", "1", "bytes 1-1/10"), ("bytes=-99999999999999999999999", "0123456789", "bytes 0-9/10"),
  ])
  func givesARange(field: String, text: String, place: String) throws {
    let answer = site.get("/a.txt") { $0.range = field }
    #expect(answer.status == 206)
    #expect(answer["Content-Range"] == place)
    #expect(answer["Content-Length"] == "\(text.utf8.count)")
    #expect(answer["ETag"] == tag)
    #expect(try answer.text == text)
  }

  @Test(arguments: [
    "bytes=4-2", "bytes=", "bytes", "bytes=-", "bytes=a-b", "bytes=1", "bytes=1-2-3", "bytes=--1", "bytes=+1-2",
    "items=0-1", "bytes=0-1,3-4", "bytes=0-0,-1", "bytes=0-,0-,0-,0-", "bytes=0x1-2", "", "=0-1", "bytes=1-+2",
  ])
  func givesTheWholeForWhatIsNoSingleRange(field: String) throws {
    let answer = site.get("/a.txt") { $0.range = field }
    #expect(answer.status == 200)
    #expect(try answer.text == "0123456789")
  }

  @Test(arguments: ["bytes=10-", "bytes=10-20", "bytes=99999999999999999999-", "bytes=-0"])
  func refusesARangeBeyondTheEnd(field: String) throws {
    let answer = site.get("/a.txt") { $0.range = field }
    #expect(answer.status == 416)
    #expect(answer["Content-Range"] == "bytes */10")
    #expect(answer.refusal == .rangeNotSatisfiable(size: 10))
  }

  @Test func rangesAreForGetAlone() throws {
    #expect(site.get("/a.txt") { ($0.method, $0.range) = ("HEAD", "bytes=99-") }.status == 200)
  }

  @Test(arguments: [
    ("TAG", 206), ("W/TAG", 200), ("\"x\"", 200), (date, 206), (later, 200), (earlier, 200), ("garbage", 200),
    ("*", 200),
  ])
  func givesARangeOfTheVersionThatIsMeantOnly(condition: String, status: Int) throws {
    let answer = site.get("/a.txt") {
      $0.range = "bytes=2-4"
      $0.ifRange = condition.replacing("TAG", with: tag)
    }
    #expect(answer.status == status)
  }

  @Test func conditionsComeBeforeRanges() throws {
    #expect(site.get("/a.txt") { ($0.ifNoneMatch, $0.range) = (tag, "bytes=2-4") }.status == 304)
    #expect(site.get("/a.txt") { ($0.ifMatch, $0.range) = ("\"x\"", "bytes=99-") }.status == 412)
    #expect(site.get("/none") { $0.ifMatch = "*" }.status == 404)
  }

  @Test(
    arguments: [
      ("bytes=3221225472-", 3_221_225_472, 5), ("bytes=-5", 3_221_225_472, 5),
      ("bytes=2147483646-2147483649", 2_147_483_646, 4), ("bytes=4294967296-", nil, 0),
    ] as [(String, Int?, Int)])
  func givesRangesBeyondTwoGigabytes(field: String, offset: Int?, length: Int) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: site.write("", to: "big.iso")))
    try file.truncate(atOffset: 3 << 30)
    try file.seekToEnd()
    try file.write(contentsOf: Data("12345".utf8))
    try file.close()
    let answer = site.get("/big.iso") { $0.range = field }
    guard let offset else { return #expect(answer["Content-Range"] == "bytes */3221225477") }
    #expect(answer["Content-Range"] == "bytes \(offset)-\(offset + length - 1)/3221225477")
    #expect(try answer.text == (offset == 3 << 30 ? "12345" : "\0\0\0\0"))
    #expect(site.get("/big.iso")["Content-Length"] == "3221225477")
  }
}

@Suite struct ContentTypeTests {
  @Test(arguments: [
    ("index.html", "text/html; charset=utf-8"), ("A.HTML", "text/html; charset=utf-8"),
    ("x.tar.gz", "application/gzip"),
    ("logo.svg", "image/svg+xml"), ("a.woff2", "font/woff2"), ("a.mjs", "text/javascript; charset=utf-8"),
    ("data.json", "application/json"), ("site.webmanifest", "application/manifest+json; charset=utf-8"),
    ("Makefile", "application/octet-stream"), ("a.unheard-of", "application/octet-stream"),
    ("html", "application/octet-stream"),
    ("", "application/octet-stream"), ("film.mkv", "video/x-matroska"), ("a.wasm", "application/wasm"),
  ])
  func goesByTheEndingOfTheName(name: String, type: String) {
    #expect(ContentType(of: Array(name.utf8)).text == type)
  }
}
