/// Records the keys that a type decodes.
struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let reader: KeyReader
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_: Key) -> Bool { true }

  /// A type asks this only for keys that may be null.
  func decodeNil(forKey key: Key) -> Bool {
    reader.recordNullable(key)
    return false
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try reader.record(type, key) }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try reader.record(type, key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try reader.record(type, key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try reader.record(type, key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try reader.record(type, key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try reader.record(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try reader.record(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try reader.record(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try reader.record(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try reader.record(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try reader.record(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try reader.record(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try reader.record(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try reader.record(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try reader.record(type, key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type, forKey _: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw KeyReader.undescribed }
  func nestedUnkeyedContainer(forKey _: Key) throws -> any UnkeyedDecodingContainer { throw KeyReader.undescribed }
  func superDecoder() throws -> any Decoder { throw KeyReader.undescribed }
  func superDecoder(forKey _: Key) throws -> any Decoder { throw KeyReader.undescribed }
}
