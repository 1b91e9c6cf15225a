/// Lines to be added to a file that is left as it is, as a unified diff (`diff -U0`), which `patch` takes.
struct Addition: Hashable, Sendable {
  var path: String
  /// The number of the line behind which they belong; 0 for the beginning.
  var line: Int
  var lines: [String]

  var diff: String {
    let place = "@@ -\(line),0 +\(line + 1),\(lines.count) @@"
    return (["--- \(path)", "+++ \(path)", place] + lines.map { "+" + $0 }).joined(separator: "\n")
  }
}

extension Addition {
  /// An entry for another cluster in a valid pvescout.yml.
  init(of entry: [String], toConfiguration text: String, at path: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let key = lines.firstIndex { $0.hasPrefix("proxmox:") }
    // Below a key that holds a block; the first entry shows its indentation.
    let value = key.map { lines[$0].dropFirst("proxmox:".count).prefix { $0 != "#" }.filter { $0 != " " } }
    if let key, value == "", let first = lines[(key + 1)...].first(where: { $0.contains("- ") }) {
      let indentation = String(first.prefix { $0 == " " })
      self.init(path: path, line: key + 1, lines: entry.map { indentation + $0.dropFirst(2) })
    } else {
      self.init(path: path, line: 0, lines: ["proxmox:"] + entry)
    }
  }

  /// Routes at the end of a route file.
  init(of routes: [String], toRoutes text: String, at path: String) {
    let count = text.split(separator: "\n", omittingEmptySubsequences: false).count
    self.init(path: path, line: text.hasSuffix("\n") || text.isEmpty ? count - 1 : count, lines: routes)
  }
}
