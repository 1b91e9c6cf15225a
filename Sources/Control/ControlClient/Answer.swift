/// The agent's answer: the value, and the bytes that it was decoded from.
package struct Answer<Value: Sendable>: Sendable {
  package var value: Value
  /// JSON, including the final line feed.
  package var body: [UInt8]
}
