/// `proxy.access_log`: the file and format of the access log.
package struct AccessLogConfiguration: Hashable, Sendable {
  package enum Format: String, Sendable, CaseIterable { case combined, json }

  /// A file, appended to, or `-` for standard output.
  package var path: String
  package var format = Format.combined

  package init(path: String) { self.path = path }
}
