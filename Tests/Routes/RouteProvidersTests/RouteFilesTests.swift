import Foundation
import Glibc
import RouteModel
import TestSupport
import Testing

@testable import RouteProviders

@Suite struct RouteFilesTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func files(_ patterns: [String]) -> RouteFiles {
    RouteFiles(
      patterns: patterns, baseDirectory: folder.path,
      locations: patterns.indices.map { SourceLocation(file: "pvescout.yml", line: 10 + $0, column: 5) })
  }

  private func load(_ patterns: [String]) -> ProvidedRoutes { files(patterns).load(environment: [:]) }

  @Test func namesProvidersByTheirPathWithoutExtension() throws {
    try folder.write("plex: {port: 1}\n", to: "routes.yml")
    try folder.write("a: {port: 1}\n", to: "routes.d/20-media.yml")
    try folder.write("b: {port: 1}\n", to: "routes.d/10-home.yml")
    try folder.write("no route file", to: "routes.d/.hidden.yml")
    try folder.write("no route file", to: "routes.d/readme.txt")
    try folder.write("{}", to: "routes.d/folder.yml/x")
    let provided = load(["./routes.yml", "routes.d/*.yml", "routes.yml"])
    #expect(
      provided.providers.map(\.name.text) == ["file:routes", "file:routes.d/10-home", "file:routes.d/20-media"])
    #expect(provided.providers.map(\.file) == ["routes.yml", "routes.d/10-home.yml", "routes.d/20-media.yml"])
    #expect(provided.providers.map(\.isLoaded) == [true, true, true])
    #expect(provided.allProblems.isEmpty)
  }

  @Test func twoFilesOfOneNameStayApart() throws {
    try folder.write("", to: "routes.yml")
    try folder.write("", to: "routes.yaml")
    #expect(load(["routes.yml", "routes.yaml"]).providers.map(\.name.text) == ["file:routes", "file:routes.yaml"])
  }

  @Test func aFolderMayHaveAnyName() throws {
    try folder.write("a: {port: 1}\n", to: "[odd]*/routes.yml")
    let odd = RouteFiles(patterns: ["*.yml"], baseDirectory: folder.file("[odd]*"), locations: [])
    #expect(odd.load(environment: [:]).providers.map(\.name.text) == ["file:routes"])
  }

  @Test func anAbsolutePathElsewhereKeepsItsPath() throws {
    let other = try TemporaryDirectory()
    let path = try other.write("a: {port: 1}\n", to: "more.yml")
    #expect(load([path]).providers.map(\.name.text) == ["file:\(other.path)/more"])
  }

  @Test func aPatternWithoutFilesIsAWarning() {
    let provided = load(["routes.d/*.yml"])
    #expect(provided.providers.isEmpty)
    #expect(provided.problems.map(\.description) == ["pvescout.yml:10:5: warning: 'routes.d/*.yml' matches no file"])
  }

  @Test func aMissingFileIsAnErrorWhereItIsNamed() throws {
    let provided = load(["*.none", "routes.yml"])
    let provider = try #require(provided.providers.first)
    #expect(!provider.isLoaded)
    #expect(provider.name.text == "file:routes")
    #expect(
      provider.problems.map(\.description) == [
        "pvescout.yml:11:5: no route file '\(folder.path)/routes.yml': create it, or name another in providers.files"
      ])
  }

  @Test(
    arguments: [
      (
        "a: [1",
        "2:1: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence that begins on line 1); "
          + "close the list with ']', or put a ',' between its values"
      ),
      ("- a\n", "1:1: wanted a mapping of aliases to routes, found a list"),
      ("just words\n", "1:1: wanted a mapping of aliases to routes, found text"),
      ("plex:\n\tport: 1\n", "2:1: a tab cannot indent YAML: use spaces"),
      ("plex: {port: 1}\n\u{7}", "2:1: the control character U+0007 is no text"),
    ])
  func anUnparsableFileContributesNothing(_ text: String, _ expected: String) throws {
    try folder.write(text, to: "bad.yml")
    try folder.write("plex: {port: 1}\n", to: "good.yml")
    let provided = load(["bad.yml", "good.yml"])
    #expect(provided.providers.map(\.isLoaded) == [false, true])
    #expect(provided.providers.map(\.routes.count) == [0, 1])
    #expect(provided.errors.map(\.description) == ["\(folder.path)/bad.yml:\(expected)"])
  }

  @Test func aFileFarTooLargeContributesNothing() throws {
    try folder.write(String(repeating: "# a line of nothing\n", count: 1 << 18), to: "big.yml")
    let provided = load(["big.yml"])
    #expect(
      provided.errors.map(\.description) == [
        "\(folder.path)/big.yml:1:1: the file has 5242880 bytes, more than the 4194304 that are read: is it the right one?"
      ])
  }

  @Test func aDirectoryContributesNothing() throws {
    try folder.write("", to: "routes/a.yml")
    #expect(
      load(["routes"]).errors.map(\.description) == [
        "pvescout.yml:10:5: '\(folder.path)/routes' is a directory: name its files, as in '*.yml' below it"
      ])
  }

  @Test func theFingerprintTellsEveryChange() throws {
    let files = files(["routes.yml", "routes.d/*.yml"])
    var seen = [files.fingerprint()]
    func expectChange(_ change: () throws -> Void) throws {
      try change()
      let now = files.fingerprint()
      #expect(!seen.contains(now))
      #expect(files.fingerprint() == now)
      seen.append(now)
    }
    try expectChange { try folder.write("a: {port: 1}\n", to: "routes.yml") }
    try expectChange { try folder.write("a: {port: 10}\n", to: "routes.yml") }
    try expectChange { try folder.write("", to: "routes.d/one.yml") }
    try expectChange {
      try FileManager.default.moveItem(atPath: folder.file("routes.d/one.yml"), toPath: folder.file("routes.d/two.yml"))
    }
    try expectChange {
      // The same size and name, as when an editor replaces a file.
      let new = try folder.write("b: {port: 10}\n", to: "new")
      #expect(rename(new, folder.file("routes.yml")) == 0)
    }
    try expectChange { try FileManager.default.removeItem(atPath: folder.file("routes.yml")) }
  }

  @Test func aThousandRoutesParseAtOnce() throws {
    let routes = (0..<1000).map { index in
      """
      app-\(index):
        <<: *defaults
        host: 10.0.\(index / 250).\(index % 250 + 1)
        port: \(8000 + index)
        healthcheck: {path: /health, interval: 30s}
        homepage: {name: App \(index), icon: "@selfhst/app.svg"}
        proxmox: {node: pve1, vmid: \(1000 + index)}

      """
    }
    try folder.write("x-defaults: &defaults {scheme: http}\n" + routes.joined(), to: "routes.yml")
    let begin = Self.processorTime
    let provided = load(["routes.yml"])
    let time = Self.processorTime - begin
    #expect(provided.errors.isEmpty)
    #expect(provided.providers.first?.routes.count == 1000)
    // Takes about 50 ms optimised; the limit only distinguishes a quadratic parser from a slow machine.
    #expect(time < .seconds(30))
  }

  /// The processor time of this thread.
  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  @Test func aThousandDuplicatesAreToldAtOnce() throws {
    let text = (0..<1000).map { "app-\($0): {host: a, host: b}\n" }.joined()
    try folder.write(text + text, to: "routes.yml")
    let provided = load(["routes.yml"])
    #expect(provided.providers.first?.routes.count == 2000)
    #expect(provided.errors.count == 3000)
    #expect(
      provided.errors.last?.description
        == "\(folder.path)/routes.yml:2000:20: duplicate key 'host', first set on line 2000")
  }
}
