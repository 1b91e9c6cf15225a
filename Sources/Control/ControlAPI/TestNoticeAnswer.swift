package import JSONDocument

/// A successful `POST /v1/notify/{name}/test`.
package struct TestNoticeAnswer: Decodable, Hashable, Sendable {
  /// Of the entry of `notify`.
  package var name: String
  /// A webhook's scheme and host, or a program's path.
  package var destination: String
  /// Such as `it answered 200`.
  package var answer: String

  package init(name: String, destination: String, answer: String) {
    (self.name, self.destination, self.answer) = (name, destination, answer)
  }

  private enum CodingKeys: String, CodingKey { case name, destination, answer }
}

extension TestNoticeAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.answer, answer)
    json.field(CodingKeys.destination, destination)
    json.field(CodingKeys.name, name)
    json.endObject()
  }
}
