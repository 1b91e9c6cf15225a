/// What the agent answered: the value, and the bytes that it sent.
package struct Answer<Value: Sendable>: Sendable {
  package var value: Value
  /// JSON, with the line feed at its end.
  package var body: [UInt8]
}
