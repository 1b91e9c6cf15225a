/// The folder that a file server route serves.
package struct ServedFolder: Hashable, Sendable {
  package var root: String
  /// The file that is served for a folder.
  package var index = "index.html"
  /// Whether paths without a file get the root's index, because the application does its own routing. Excludes paths
  /// with a known file extension, so that a missing script remains a 404.
  package var isSinglePageApp = false

  package init(root: String) { self.root = root }
}
