import Foundation
import TestSupport
import Testing

@testable import FileServing

@Suite struct PathSafetyTests {
  @Test(arguments: [
    ("/../secret.txt", 400), ("/..", 400), ("/a/../../secret.txt", 400), ("/a/..", 400), ("/%2e%2e/secret.txt", 400),
    ("/%2E%2e/secret.txt", 400), ("/.%2e/secret.txt", 400), ("/%2e./secret.txt", 400), ("/..%2fsecret.txt", 404),
    ("/..%2Fsecret.txt", 404), ("/%2e%2e%2fsecret.txt", 404), ("/a%2f..%2f..%2fsecret.txt", 404),
    ("/%252e%252e/secret.txt", 404), ("/%252e%252e%252fsecret.txt", 404), ("/..%5csecret.txt", 404),
    ("/..\\secret.txt", 404), ("/...", 404), ("/.../secret.txt", 404), ("/..;/secret.txt", 404),
    ("/%c0%ae%c0%ae/secret.txt", 404), ("/%e0%80%ae%e0%80%ae/secret.txt", 404), ("/%uff0e%uff0e/secret.txt", 400),
    ("//../secret.txt", 400), ("/./../secret.txt", 400), ("/%00", 400), ("/index.html%00.txt", 400), ("/%", 400),
    ("/%2", 400), ("/%zz", 400), ("/%-1", 400), ("/%+1", 400), ("secret.txt", 400), ("", 400), ("*", 400),
    ("?/index.html", 400), ("http://x/index.html", 400), ("../secret.txt", 400), ("/index.html#x", 400),
    ("/etc/passwd", 404), ("//etc/passwd", 404), ("/proc/self/environ", 404), ("/index.html/", 404),
    ("/index.html/x", 404), ("/.git/config", 404), ("/.htpasswd", 404), ("/%2egit/config", 404), ("/folder/.env", 404),
    ("/folder/.well-known/x", 404), ("/.well-known/.hidden", 404), ("/\u{FF0E}\u{FF0E}/secret.txt", 404),
    ("/\u{2025}/secret.txt", 404), ("/~root", 404), ("/INDEX.HTML", 404),
  ])
  func refusesWhatLeadsAstray(target: String, status: Int) throws {
    let answer = try hostileSite().get(target)
    #expect(answer.status == status)
    #expect(answer.refusal?.status == status)
  }

  @Test(arguments: [
    ("/index.html", "home"), ("/./index.html", "home"), ("//index.html", "home"), ("/.//./index.html", "home"),
    ("/%69ndex.html", "home"), ("/index.html?../secret.txt", "home"), ("/index.html?", "home"),
    ("/.well-known/acme", "token"), ("/a%20b", "space"), ("/a b", "space"), ("/a+b", "plus"), ("/100%25", "percent"),
    ("/%252e%252e", "once"), ("/back%5Cslash", "back"), ("/back\\slash", "back"), ("/%C3%A9t%C3%A9", "summer"),
    ("/\u{E9}t\u{E9}", "summer"), ("/a..b", "dots"), ("/a.", "dot"), ("/%e9", "latin"),
  ])
  func findsWhatIsMeant(target: String, text: String) throws {
    #expect(try hostileSite().get(target).text == text)
  }

  @Test(arguments: [255, 256, 5000])
  func findsNoNameThatIsTooLong(length: Int) throws {
    let site = try Site()
    #expect(site.get("/" + String(repeating: "a", count: length)).status == 404)
    #expect(site.get(String(repeating: "/a", count: length)).status == 404)
  }

  private func hostileSite() throws -> Site {
    let site = try Site([
      "index.html": "home", ".git/config": Site.secret, ".htpasswd": Site.secret, "folder/.env": Site.secret,
      "folder/.well-known/x": Site.secret, ".well-known/.hidden": Site.secret, ".well-known/acme": "token",
      "a b": "space", "a+b": "plus", "100%": "percent", "%2e%2e": "once", "back\\slash": "back", "été": "summer",
      "a..b": "dots", "a.": "dot",
    ])
    // A Latin-1 name, from times before UTF-8.
    #expect(creat("\(site.root)/latin", 0o600) >= 0)
    try "latin".write(toFile: "\(site.root)/latin", atomically: false, encoding: .utf8)
    let name = Array("\(site.root)/".utf8) + [0xE9, 0]
    #expect(name.withUnsafeBytes { rename("\(site.root)/latin", $0.bindMemory(to: CChar.self).baseAddress) } == 0)
    return site
  }
}

@Suite(.timeLimit(.minutes(5))) struct LinkSafetyTests {
  /// With the methods for new and for old kernels; the latter follow no link at all.
  @Test(arguments: [
    ("plain", "a.txt", true, true), ("inside", "folder/b.txt", true, false), ("up", "folder/../a.txt", true, false),
    ("out", "../secret.txt", false, false), ("far", "folder/../../secret.txt", false, false),
    ("absolute", "/etc/passwd", false, false), ("process", "/proc/self/root/etc/passwd", false, false),
    ("loop", "loop", false, false), ("nowhere", "none", false, false), ("chain", "inside", true, false),
    ("self", "../root/a.txt", false, false),
  ])
  func followsLinksThatStayInside(name: String, destination: String, isFound: Bool, isFoundByOldKernels: Bool) throws {
    let site = try Site(["a.txt": "a", "folder/b.txt": "b"])
    try site.link("inside", to: "folder/b.txt")
    if name == "plain" {
      try site.write("plain", to: name)
    } else if name != "inside" {
      try site.link(name, to: destination)
    }
    #expect(site.get("/\(name)").status == (isFound ? 200 : 404))
    #expect(Self.finds(name, in: site.root, canResolveBeneath: true) == isFound)
    #expect(Self.finds(name, in: site.root, canResolveBeneath: false) == isFoundByOldKernels)
  }

  @Test func followsNoFolderThatLeadsOut() throws {
    let site = try Site(["folder/b.txt": "b"])
    try site.link("up", to: "..")
    try site.link("same", to: "folder")
    try site.link("top", to: "/")
    #expect(site.get("/up/secret.txt").refusal == .notFound)
    #expect(site.get("/up/").refusal == .notFound)
    #expect(site.get("/top/etc/passwd").refusal == .notFound)
    #expect(try site.get("/same/b.txt").text == "b")
    #expect(!Self.finds("same/b.txt", in: site.root, canResolveBeneath: false))
    #expect(Self.finds("folder/b.txt", in: site.root, canResolveBeneath: false))
  }

  @Test(arguments: ["../secret.txt", "folder/../../secret.txt", "..", "folder/../a.txt"])
  func stepsUpNowhereOnOldKernels(path: String) throws {
    let site = try Site(["folder/b.txt": "b", "a.txt": ""])
    #expect(!Self.finds(path, in: site.root, canResolveBeneath: false))
  }

  @Test func anIndexThatLeadsOutIsNoIndex() throws {
    var site = try Site()
    try site.link("index.html", to: "../secret.txt")
    #expect(site.get("/").refusal == .notFound)
    site.folder.index = "../secret.txt"
    #expect(site.get("/").refusal == .notFound)
  }

  @Test func givesOutTheRootBehindALink() throws {
    var site = try Site(["a.txt": "a"])
    let link = site.directory.file("current")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "root")
    site.folder.root = link
    #expect(try site.get("/a.txt").text == "a")
  }

  /// A link that is constantly swapped between inside and outside serves the inside, or nothing.
  @Test func isNotFooledByALinkThatIsSwapped() async throws {
    let site = try Site(["a.txt": "inside", "folder/x": ""])
    try site.link("door", to: "a.txt")
    let root = site.root
    let swapping = Task.detached {
      var number = 0
      while !Task.isCancelled {
        number += 1
        let destination = number % 2 == 0 ? "a.txt" : "../secret.txt"
        #expect(symlink(destination, "\(root)/next") == 0)
        #expect(rename("\(root)/next", "\(root)/door") == 0)
        await Task.yield()
      }
    }
    for _ in 0..<3000 {
      let answer = site.get("/door")
      if answer.status == 200 { #expect(try answer.text == "inside") } else { #expect(answer.refusal != nil) }
      await Task.yield()
    }
    swapping.cancel()
    await swapping.value
  }

  @Test(arguments: [S_IFIFO, S_IFSOCK, S_IFCHR])
  func opensRegularFilesOnly(kind: mode_t) throws {
    let site = try Site()
    // Creating a device needs privileges; serving /dev with its null device is equivalent.
    if kind == S_IFCHR {
      var devices = site
      devices.folder.root = "/dev"
      return #expect(devices.get("/null").refusal == .notFound)
    }
    #expect(mknod("\(site.root)/strange", kind | 0o600, 0) == 0)
    #expect(site.get("/strange").refusal == .notFound)
  }

  private static func finds(_ path: String, in root: String, canResolveBeneath: Bool) -> Bool {
    do throws(FileRefusal) {
      let finder = try FileFinder(root: root, canResolveBeneath: canResolveBeneath)
      if case .file = try finder.find(Array(path.utf8)) { return true }
    } catch {}
    return false
  }
}
