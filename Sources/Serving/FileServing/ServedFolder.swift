/// What a file server route gives out: a folder of this machine.
package struct ServedFolder: Hashable, Sendable {
  package var root: String
  /// The file that stands for a folder.
  package var index = "index.html"
  /// Paths that name no file get the root's index: the application routes by itself. Not those that look like a file
  /// of a known type, so that a missing script stays a 404.
  package var isSinglePageApp = false

  package init(root: String) { self.root = root }
}
