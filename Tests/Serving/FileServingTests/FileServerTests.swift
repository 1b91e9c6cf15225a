import Foundation
import TestSupport
import Testing

@testable import FileServing

@Suite struct FileServerTests {
  @Test func givesOutAFile() throws {
    let site = try Site(["app/main.js": "let a = 1"])
    let answer = site.get("/app/main.js?v=2")
    #expect(answer.status == 200)
    #expect(try answer.text == "let a = 1")
    #expect(answer["Content-Type"] == "text/javascript; charset=utf-8")
    #expect(answer["Content-Length"] == "9")
    #expect(answer["X-Content-Type-Options"] == "nosniff")
    #expect(answer["Accept-Ranges"] == "bytes")
    #expect(answer["Cache-Control"] == "no-cache")
  }

  @Test func answersHeadAsGetWithoutContent() throws {
    let site = try Site(["a.txt": "content"])
    let (get, head) = (site.get("/a.txt"), site.get("/a.txt") { $0.method = "HEAD" })
    #expect(head.status == 200)
    #expect(head.fields.map(\.name) == get.fields.map(\.name))
    #expect(head["Content-Length"] == "7")
    #expect(try head.text == nil)
  }

  @Test func answersAnEmptyFile() throws {
    let answer = try Site(["empty": ""]).get("/empty") { $0.range = "bytes=0-" }
    #expect(answer.status == 200)
    #expect(answer["Content-Length"] == "0")
    #expect(answer["Content-Type"] == "application/octet-stream")
    #expect(try answer.text == nil)
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE", "get", ""])
  func takesNoOtherMethods(method: String) throws {
    let answer = try Site(["a.txt": ""]).get("/a.txt") { $0.method = method }
    #expect(answer.status == 405)
    #expect(answer["Allow"] == "GET, HEAD, OPTIONS")
    #expect(answer.refusal == .methodNotAllowed)
  }

  @Test func listsItsMethods() throws {
    let answer = try Site().get("/anything") { $0.method = "OPTIONS" }
    #expect(answer.status == 204)
    #expect(answer["Allow"] == "GET, HEAD, OPTIONS")
  }

  @Test func showsTheIndexOfAFolder() throws {
    let site = try Site(["index.html": "home", "docs/index.html": "docs", "bare/file": ""])
    #expect(try site.get("/").text == "home")
    #expect(try site.get("/docs/").text == "docs")
    #expect(try site.get("/docs/.").text == "docs")
    #expect(site.get("/docs/")["Content-Type"] == "text/html; charset=utf-8")
    #expect(site.get("/bare/").refusal == .notFound)
  }

  @Test func takesAnotherIndex() throws {
    var site = try Site(["start.txt": "start", "index.html": "home"])
    site.folder.index = "start.txt"
    #expect(try site.get("/").text == "start")
    #expect(site.get("/")["Content-Type"] == "text/plain; charset=utf-8")
  }

  @Test(arguments: [
    ("/docs", "/docs/"), ("/docs?a=b&c=%20", "/docs/?a=b&c=%20"), ("//docs", "/docs/"),
    ("/./docs//a b", "/docs/a%20b/"),
    ("/%64ocs", "/docs/"), ("/docs/%22%3C%0D%0Ax", "/docs/%22%3C%0D%0Ax/"), ("/docs?\"<>", "/docs/?%22%3C%3E"),
    ("//docs/../x", nil), ("/%5Cevil.example", "/%5Cevil.example/"), ("//evil.example", "/evil.example/"),
  ])
  func redirectsAFolderToItsPathWithASlash(target: String, location: String?) throws {
    let site = try Site()
    for folder in ["docs/a b", "docs/\"<\r\nx", "\\evil.example", "evil.example"] {
      try FileManager.default.createDirectory(atPath: "\(site.root)/\(folder)", withIntermediateDirectories: true)
    }
    let answer = site.get(target)
    #expect(answer["Location"] == location)
    #expect(answer.status == (location == nil ? 400 : 301))
  }

  @Test func saysThatItsRootIsMissing() throws {
    var site = try Site()
    site.folder.root = site.directory.file("absent")
    let answer = site.get("/")
    #expect(answer.status == 503)
    #expect(answer.refusal == .rootUnavailable("No such file or directory"))
    #expect(site.get("/../").status == 400)
  }

  @Test func aRootThatIsAFileIsNoRoot() throws {
    var site = try Site()
    site.folder.root = site.directory.file("secret.txt")
    #expect(site.get("/").status == 503)
  }

  @Test func followsARootThatIsReplaced() throws {
    let site = try Site(["a": "old"])
    try FileManager.default.moveItem(atPath: site.root, toPath: site.directory.file("before"))
    #expect(site.get("/a").status == 503)
    try site.write("new", to: "a")
    #expect(try site.get("/a").text == "new")
  }

  @Test(arguments: [
    ("/", "shell"), ("/users/42", "shell"), ("/users/", "shell"), ("/users/john.doe", "shell"), ("/app.js", "code"),
    ("/missing.js", nil), ("/assets/missing.PNG", nil), ("/.env", nil), ("/%2e%2e/secret", nil), ("/a%2fb", nil),
  ])
  func letsSinglePageApplicationsRouteByThemselves(target: String, text: String?) throws {
    var site = try Site(["index.html": "shell", "app.js": "code", "users/x": ""])
    site.folder.isSinglePageApp = true
    #expect(try site.get(target).text == text)
  }

  @Test func isNoSinglePageApplicationByItself() throws {
    #expect(try Site(["index.html": "shell"]).get("/users/42").refusal == .notFound)
  }

  @Test func saysThatAFileMayNotBeRead() throws {
    let site = try Site(["a": "x"])
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: "\(site.root)/a")
    // Root can read everything.
    let isRoot = geteuid() == 0
    #expect(site.get("/a").status == (isRoot ? 200 : 403))
  }

  @Test func detectsATruncatedFile() throws {
    let site = try Site(["a": "12345"])
    guard case .file(let file, _, _) = site.get("/a").body else { return #expect(Bool(false), "no file") }
    try FileHandle(forWritingTo: URL(fileURLWithPath: "\(site.root)/a")).truncate(atOffset: 2)
    #expect(try file.bytes(at: 0, count: 5) == Array("12".utf8))
    #expect(try file.bytes(at: 2, count: 3).isEmpty)
  }

  @Test func keepsAFileOpenAsLongAsItsAnswer() throws {
    let site = try Site(["a": "12345"])
    let answer = site.get("/a")
    try FileManager.default.removeItem(atPath: "\(site.root)/a")
    #expect(try answer.text == "12345")
  }

  /// Descriptors are closed with their responses, on all paths.
  @Test func leavesNoDescriptorBehind() throws {
    let site = try Site(["a": "x", "folder/b": "", "index.html": ""])
    try site.link("out", to: "../secret.txt")
    let targets = ["/a", "/folder", "/", "/none", "/out", "/../x"]
    for target in targets { _ = site.get(target) }
    let names = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") }
    let ofSite = {
      try names().filter {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?.hasPrefix(
          site.directory.path) == true
      }
    }
    #expect(try ofSite().isEmpty)
    let held = site.get("/a")
    #expect(try ofSite().count == 1)
    withExtendedLifetime(held) {}
  }
}
