/// The agent's answer: the value, and the bytes that it was decoded from.
package struct DecodedAnswer<Value: Sendable>: Sendable {
  package var value: Value
  /// JSON, including the final line feed.
  package var body: [UInt8]

  package init(value: Value, body: [UInt8]) { (self.value, self.body) = (value, body) }
}
