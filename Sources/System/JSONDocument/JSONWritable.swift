/// A type with a JSON representation.
// Public for the same reason as `JSONWriter`.
public protocol JSONWritable {
  func write(to json: inout JSONWriter)
}

extension JSONWritable {
  /// The value as a JSON document.
  package var json: [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }
}

extension String: JSONWritable {
  @inlinable
  public func write(to json: inout JSONWriter) { json.write(self) }
}

extension Bool: JSONWritable {
  public func write(to json: inout JSONWriter) { json.write(self) }
}

extension Int: JSONWritable {
  public func write(to json: inout JSONWriter) { json.write(Int64(self)) }
}

extension Int64: JSONWritable {
  @inlinable
  public func write(to json: inout JSONWriter) { json.write(self) }
}

extension UInt64: JSONWritable {
  public func write(to json: inout JSONWriter) { json.write(self) }
}

extension Double: JSONWritable {
  public func write(to json: inout JSONWriter) { json.write(self) }
}

/// Nil is written as null: no key is omitted.
extension Optional: JSONWritable where Wrapped: JSONWritable {
  @inlinable
  public func write(to json: inout JSONWriter) {
    if let self { self.write(to: &json) } else { json.writeNull() }
  }
}

extension Array: JSONWritable where Element: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.beginArray()
    for element in self { element.write(to: &json) }
    json.endArray()
  }
}

/// Sorted by key.
extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    for (key, value) in sorted(by: { $0.key < $1.key }) {
      json.key(key)
      value.write(to: &json)
    }
    json.endObject()
  }
}
