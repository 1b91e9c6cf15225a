import Foundation
import StateFiles
import TestSupport
import Testing

@Suite struct StateFileTests {
  struct Shelf: Codable, Equatable {
    var books: [String]
  }

  let directory: TemporaryDirectory
  let file: StateFile<Shelf>

  init() throws {
    directory = try TemporaryDirectory()
    file = StateFile(in: directory.file("state/agent"), name: "shelf", version: 2)
  }

  @Test func keepsWhatWasSaved() throws {
    let date = Date(timeIntervalSince1970: 1_700_000_000)
    try file.save(Shelf(books: ["a", "b"]), at: date)
    try file.save(Shelf(books: ["c"]), at: date)
    let saved = try #require(try file.load())
    #expect(saved.content == Shelf(books: ["c"]))
    #expect(saved.savedAt == date)
  }

  @Test func isNothingBeforeTheFirstSave() throws {
    #expect(try file.load() == nil)
  }

  @Test func belongsToItsOwnerAndLeavesNoDraft() throws {
    try file.save(Shelf(books: ["a"]))
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("state/agent")) == ["shelf.json"])
    let folder = try FileManager.default.attributesOfItem(atPath: directory.file("state"))[.posixPermissions] as? Int
    #expect(folder == 0o700)
  }

  @Test(
    arguments: [
      ("not JSON", "no 'shelf' file of pvescout"),
      (#"{"hello": "world"}"#, "no 'shelf' file of pvescout"),
      (#"{"pvescout": "cellar", "version": 2}"#, "no 'shelf' file of pvescout"),
      (#"{"pvescout": "shelf", "version": 3}"#, "it has version 3, and this pvescout reads version 2"),
      (#"{"pvescout": "shelf", "version": 2, "savedAt": 0, "content": {"books": 7}}"#, "its content is damaged"),
      (#"{"pvescout": "shelf", "version": 2, "savedAt": 0, "content": {"books": ["#, "no 'shelf' file of pvescout"),
    ])
  func refusesWhatItDidNotWrite(text: String, reason: String) throws {
    try directory.write(text, to: "state/agent/shelf.json")
    let error = #expect(throws: StateFileError.self) { try file.load() }
    #expect(error?.description.contains(reason) ?? false, "\(String(describing: error))")
    #expect(error?.description.hasPrefix(file.path) ?? false)
  }

  @Test func namesTheFolderThatCannotBeMade() throws {
    let plain = try directory.write("", to: "plain")
    let file = StateFile<Shelf>(in: "\(plain)//a/b", name: "shelf", version: 1)
    let error = #expect(throws: StateFileError.self) { try file.save(Shelf(books: [])) }
    #expect(error?.reason.hasPrefix("\(plain)/a cannot be made: ") == true, "\(String(describing: error))")
    let missing = StateFile<Shelf>(in: "/proc/nowhere/a", name: "shelf", version: 1)
    let refusal = #expect(throws: StateFileError.self) { try missing.save(Shelf(books: [])) }
    #expect(refusal?.reason.hasPrefix("/proc/nowhere cannot be made: ") == true, "\(String(describing: refusal))")
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: true)
    #expect(throws: StateFileError.self) { try file.load() }
    #expect(throws: StateFileError.self) { try file.save(Shelf(books: [])) }
    let left = try FileManager.default.contentsOfDirectory(atPath: directory.file("state/agent"))
    #expect(left == ["shelf.json"], "no draft stays behind")
  }

  @Test func tellsAFolderThatCannotBeMade() throws {
    try directory.write("", to: "plain")
    let blocked = StateFile<Shelf>(in: directory.file("plain/state"), name: "shelf", version: 1)
    let error = #expect(throws: StateFileError.self) { try blocked.save(Shelf(books: [])) }
    #expect(error?.description.contains("plain/state cannot be made") ?? false, "\(String(describing: error))")
  }
}
