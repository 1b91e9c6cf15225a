import Foundation
import Testing

/// README.md, the manual and their companion documents, as rendered by a Git host.
@Suite struct DocumentationTests {
  static let catalog = "Sources/Program/Commands/Documentation.docc"

  /// All documents, by their paths in the package.
  static let documents: [SourceTree.File] =
    (try? [SourceTree.file("README.md")] + SourceTree.files(below: catalog, suffix: ".md")
      + SourceTree.files(below: ".github", suffix: ".md")) ?? []

  @Test func findsTheDocuments() {
    let paths = Self.documents.map(\.path)
    #expect(paths.contains("README.md") && paths.contains("\(Self.catalog)/Configuration.md"))
  }

  @Test func theFrontDoorIsShort() throws {
    let readme = try SourceTree.file("README.md")
    #expect(readme.lines.joined(separator: "\n").utf8.count <= 8192)
  }

  @Test(arguments: documents.map(\.path))
  func everyRelativeLinkLeadsSomewhere(path: String) throws {
    let document = try SourceTree.file(path)
    let folder = SourceTree.root.appendingPathComponent(document.path).deletingLastPathComponent()
    for link in Self.links(in: document) where !link.contains("://") {
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target =
        parts[0].isEmpty
        ? SourceTree.root.appendingPathComponent(document.path) : folder.appendingPathComponent(String(parts[0]))
      #expect(FileManager.default.fileExists(atPath: target.path), "\(document.path) links to \(link)")
      guard parts.count == 2, let text = try? String(contentsOf: target, encoding: .utf8) else { continue }
      let anchors = Self.anchors(in: text.split(separator: "\n", omittingEmptySubsequences: false))
      #expect(anchors.contains(String(parts[1])), "\(document.path) links to \(link), but no heading is named so")
    }
  }

  /// `.ci/run` converts links of this form to DocC's own, which `docc convert` then checks.
  @Test func linksBetweenArticlesNameTheFileAlone() throws {
    for article in Self.documents where article.path.hasPrefix(Self.catalog) {
      for link in Self.links(in: article) where link.contains(".md") && !link.hasPrefix("../../../../") {
        #expect(try /[A-Za-z]+\.md(#.*)?/.wholeMatch(in: link) != nil, "\(article.path) links to \(link)")
      }
    }
  }

  @Test func theFrontPageOfTheManualListsEveryArticle() throws {
    let front = try #require(Self.documents.first { $0.path.hasSuffix("/Documentation.md") })
    let listed = Set(front.lines.filter { $0.hasPrefix("- [") }.flatMap { Self.links(in: [$0]) })
    let articles = Self.documents.filter { $0.path.hasPrefix(Self.catalog) && $0.path != front.path }
    #expect(listed == Set(articles.map { ($0.path as NSString).lastPathComponent }))
  }

  @Test func metricsHasEveryMetric() throws {
    let named = try SourceTree.files(below: "Sources/Control/ControlServer").flatMap { file in
      file.lines.flatMap { $0.matches(of: /"((?:pvescout|process)_[a-z_]+)"/).map { String($0.output.1) } }
    }
    let article = try SourceTree.file("\(Self.catalog)/Metrics.md")
    let names = article.lines.filter { $0.hasPrefix("| `") }.map { $0.split(separator: " | ")[0] }
    let documented = names.flatMap { $0.matches(of: /`((?:pvescout|process)_[a-z_]+)`/).map { String($0.output.1) } }
    #expect(Set(documented) == Set(named))
  }

  private static func links(in document: SourceTree.File) -> [String] { links(in: document.lines) }

  /// The targets of `[text](target)`, without code.
  private static func links(in lines: [Substring]) -> [String] {
    outsideFences(lines).flatMap { line in
      line.replacing(/`[^`]*`/, with: "").matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
    }
  }

  /// The anchors that Git hosts derive from headings.
  private static func anchors(in lines: [Substring]) -> Set<String> {
    let headings = outsideFences(lines).filter { $0.hasPrefix("#") }.map { $0.drop { $0 == "#" }.dropFirst() }
    return Set(
      headings.map { heading in
        heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }.replacing(" ", with: "-")
      })
  }

  private static func outsideFences(_ lines: [Substring]) -> [Substring] {
    var isFenced = false
    return lines.filter { line in
      if line.hasPrefix("```") { isFenced.toggle() }
      return !isFenced && !line.hasPrefix("```")
    }
  }
}
