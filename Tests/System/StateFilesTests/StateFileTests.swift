import Foundation
import JSONDocument
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
    let saved = try #require(file.load().saved)
    #expect(saved.content == Shelf(books: ["c"]))
    #expect(saved.savedAt == date)
  }

  @Test func isNothingBeforeTheFirstSave() throws {
    #expect(file.load().saved == nil && file.load().problem == nil)
  }

  /// A second link to the file still has the old content: the file was replaced, not overwritten.
  @Test func isReplacedAsAWhole() throws {
    try file.save(Shelf(books: ["a"]))
    let before = try String(contentsOfFile: file.path, encoding: .utf8)
    let other = directory.file("state/agent/other")
    #expect(link(file.path, other) == 0)
    try file.save(Shelf(books: ["b"]))
    #expect(try String(contentsOfFile: other, encoding: .utf8) == before)
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) != before)
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
  func putsAsideWhatItDidNotWrite(text: String, reason: String) throws {
    try directory.write(text, to: "state/agent/shelf.json")
    let (saved, problem) = file.load()
    #expect(saved == nil)
    #expect(problem?.description.contains(reason) ?? false, "\(String(describing: problem))")
    #expect(problem?.description.hasPrefix(file.path) ?? false)
    #expect(file.load().problem == nil, "it is reported once")
    try file.save(Shelf(books: ["new"]))
    let aside = "\(file.path).\(reason.contains("version 3") ? "version-3" : "damaged")"
    #expect(problem?.reason.contains(aside) == true)
    #expect(try String(contentsOfFile: aside, encoding: .utf8) == text)
  }

  @Test func neverOverwritesWhatALaterVersionWrote() throws {
    for number in 1...3 {
      try directory.write(#"{"pvescout": "shelf", "version": 3, "number": \#(number)}"#, to: "state/agent/shelf.json")
      #expect(file.load().saved == nil)
      try file.save(Shelf(books: []))
    }
    for (suffix, number) in [("", 1), (".1", 2), (".2", 3)] {
      #expect(try String(contentsOfFile: "\(file.path).version-3\(suffix)", encoding: .utf8).contains(": \(number)}"))
    }
  }

  @Test func keepsTheSoundPartsAndTheWholeFileAside() throws {
    let file = StateFile<SoundElements<Int>>(in: directory.file("state"), name: "numbers", version: 1)
    let text = #"{"pvescout": "numbers", "version": 1, "savedAt": 0, "content": [1, 1e300, 3]}"#
    try directory.write(text, to: "state/numbers.json")
    let (saved, problem) = file.load()
    #expect(saved?.content.elements == [1, 3])
    #expect(problem?.reason.hasPrefix("1 of its parts are damaged and left out") == true)
    try file.save(SoundElements([4]))
    #expect(try String(contentsOfFile: "\(file.path).damaged", encoding: .utf8) == text)
    #expect(file.load().saved?.content.elements == [4])
  }

  /// A command that only reads leaves the file to the agent.
  @Test(arguments: ["not JSON", #"{"pvescout": "shelf", "version": 3}"#, #"{"pvescout": "shelf", "version": 2}"#])
  func changesNothingForAReaderThatIsNotTheAgent(text: String) throws {
    try directory.write(text, to: "state/agent/shelf.json")
    let reader = StateFile<Shelf>(in: directory.file("state/agent"), name: "shelf", version: 2, keepsDamaged: false)
    for _ in 1...2 {
      let (saved, problem) = reader.load()
      #expect(saved == nil && problem?.reason.contains("aside") == false)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("state/agent")) == ["shelf.json"])
    #expect(try String(contentsOfFile: reader.path, encoding: .utf8) == text)
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
    #expect(file.load().saved == nil)
    #expect(FileManager.default.fileExists(atPath: "\(file.path).damaged"))
    try file.save(Shelf(books: []))
    let left = try FileManager.default.contentsOfDirectory(atPath: directory.file("state/agent"))
    #expect(left.sorted() == ["shelf.json", "shelf.json.damaged"], "no draft stays behind")
  }

  @Test func reportsAFolderThatCannotBeCreated() throws {
    try directory.write("", to: "plain")
    let blocked = StateFile<Shelf>(in: directory.file("plain/state"), name: "shelf", version: 1)
    let error = #expect(throws: StateFileError.self) { try blocked.save(Shelf(books: [])) }
    #expect(error?.description.contains("plain/state cannot be made") ?? false, "\(String(describing: error))")
  }
}
