/// What a file server answers. The fields are complete but for those of the connection, `Date`, and what belongs to the
/// page of a refusal.
package struct FileAnswer: Sendable {
  package enum Body: Sendable {
    /// The fields say `Content-Length`, of HEAD that of the content which GET would have.
    case none
    /// That part of a file, in bytes.
    case file(OpenFile, offset: Int, length: Int)
    /// No file; whoever serves writes a page that says so, and its length.
    case refusal(FileRefusal)
  }

  package var status: Int
  package var fields: [(name: String, value: String)]
  package var body: Body

  init(_ status: Int, _ fields: [(name: String, value: String)], body: Body = .none) {
    (self.status, self.fields, self.body) = (status, fields, body)
  }

  init(refusing refusal: FileRefusal) {
    self.init(refusal.status, refusal.fields, body: .refusal(refusal))
  }
}
