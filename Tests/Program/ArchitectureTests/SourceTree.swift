import Foundation

/// The package as text, for tests of its structure.
enum SourceTree {
  struct File: Sendable {
    /// Relative to the package.
    var path: String
    var lines: [Substring]

    /// `Sources/Layer/Module/…`
    var module: String { String(path.split(separator: "/")[2]) }

    /// The folder of the layer: `Sources/Layer/…`.
    var layer: String { String(path.split(separator: "/")[1]) }

    /// The modules that this file imports; submodules and single declarations count as their module.
    var imports: Set<String> { Set(lines.compactMap(Self.importedModule)) }

    private static func importedModule(_ line: Substring) -> String? {
      // An indented import is part of a text, such as a program in another language.
      guard !line.hasPrefix(" ") else { return nil }
      var words = line.split(separator: " ")[...]
      while let word = words.first, word.hasPrefix("@") || accessLevels.contains(word) { words.removeFirst() }
      guard words.popFirst() == "import" else { return nil }
      if let word = words.first, declarationKinds.contains(word) { words.removeFirst() }
      return words.first.map { String($0.prefix { $0 != "." }) }
    }

    private static let accessLevels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    private static let declarationKinds: Set<Substring> = [
      "struct", "class", "enum", "func", "var", "let", "protocol", "typealias",
    ]
  }

  /// A module in Package.swift, in declaration order.
  struct DeclaredModule: Sendable {
    var name: String
    var layer: String
    var imports: [String]
  }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func files(below folder: String, suffix: String = ".swift") throws -> [File] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
    return try paths.filter { $0.hasSuffix(suffix) }.sorted().map { try file("\(folder)/\($0)") }
  }

  static func file(_ path: String) throws -> File {
    let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
  }

  /// The `layers` of Package.swift, in declaration order.
  static func declaredModules() throws -> [DeclaredModule] {
    let text = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let list = text.prefix(upTo: text.range(of: "\nlet testLayers")?.lowerBound ?? text.endIndex)
    let layers = list.split(separator: "  Layer(\n").dropFirst()
    return layers.flatMap { entry in
      let layer = String(entry.firstMatch(of: /name: "(\w+)"/)?.output.1 ?? "")
      return entry.matches(of: /Module\(\s*name: "(\w+)"(?:,\s*imports: \[([^\]]*)\])?/).map { module in
        let imports = (module.output.2 ?? "").matches(of: /"(\w+)"/).map { String($0.output.1) }
        return DeclaredModule(name: String(module.output.1), layer: layer, imports: imports)
      }
    }
  }
}
