/// The response of a file server. Its fields are complete except for those of the connection, `Date`, and those of an
/// error page.
package struct FileAnswer: Sendable {
  package enum Body: Sendable {
    /// `Content-Length` is among the fields; for HEAD, it is that of the content that GET would send.
    case none
    /// A part of a file, in bytes.
    case file(OpenFile, offset: Int, length: Int)
    /// No file; the caller writes an error page and its length.
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
