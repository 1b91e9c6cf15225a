/// `proxy.access_log`: where a line for each request goes, and in which form.
package struct AccessLogConfiguration: Hashable, Sendable {
  package enum Format: String, Sendable, CaseIterable { case combined, json }

  /// A file, appended to, or `-` for standard output.
  package var path: String
  package var format = Format.combined

  package init(path: String) { self.path = path }
}
