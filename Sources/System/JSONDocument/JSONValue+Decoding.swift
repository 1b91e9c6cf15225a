package import FoundationEssentials

extension JSONValue {
  /// How dates are represented.
  package enum DateForm: Sendable {
    /// Seconds since 2001, as in Foundation's own coders.
    case secondsSince2001
    case text(@Sendable (String) -> Date?)
  }

  /// Decodes a type from this value, strictly: a number is not accepted as text, an integer must not exceed
  /// ``maxInteger``, and a date must be in the years 1970 to 9999. Damaged elements of ``SoundElements`` are
  /// counted.
  package func decode<Value: Decodable>(
    _ type: Value.Type, dates: DateForm = .secondsSince2001, damage: JSONDamage? = nil
  ) throws -> Value {
    try JSONValueDecoder(self, [], JSONValueDecoder.Settings(dates: dates, damage: damage)).decode(type)
  }
}

/// Decodes from a parsed value.
struct JSONValueDecoder: Decoder {
  struct Settings: Sendable {
    var dates: JSONValue.DateForm
    var damage: JSONDamage?
  }

  let value: JSONValue
  let codingPath: [any CodingKey]
  let settings: Settings
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ value: JSONValue, _ codingPath: [any CodingKey], _ settings: Settings) {
    (self.value, self.codingPath, self.settings) = (value, codingPath, settings)
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard type == Date.self else { return try Value(from: self) }
    guard let date = try date() as? Value else { throw refusal("a point in time") }
    return date
  }

  func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let fields) = value else { throw refusal("an object") }
    return KeyedDecodingContainer(JSONFields<Key>(fields: fields, decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw refusal("a list") }
    return JSONElements(elements: elements, decoder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func refusal(_ wanted: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: "wanted \(wanted)"))
  }

  func integer<Integer: FixedWidthInteger>(_: Integer.Type) throws -> Integer {
    let number: Int? =
      switch value {
      case .int, .double: value.int
      default: nil
      }
    guard let integer = number.flatMap({ Integer(exactly: $0) }) else { throw refusal("a whole number") }
    return integer
  }

  func double() throws -> Double {
    switch value {
    case .int(let value): Double(value)
    case .double(let value): value
    default: throw refusal("a number")
    }
  }

  private func date() throws -> Date {
    let date: Date? =
      switch settings.dates {
      case .secondsSince2001: Date(timeIntervalSinceReferenceDate: try double())
      case .text(let read):
        if case .string(let text) = value { read(text) } else { nil }
      }
    guard let date, (0..<253_402_300_800).contains(date.timeIntervalSince1970) else {
      throw refusal("a point in time between 1970 and 9999")
    }
    return date
  }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }

  func decode(_: Bool.Type) throws -> Bool {
    guard case .bool(let flag) = value else { throw refusal("true or false") }
    return flag
  }

  func decode(_: String.Type) throws -> String {
    guard case .string(let text) = value else { throw refusal("a text") }
    return text
  }

  func decode(_: Double.Type) throws -> Double { try double() }
  func decode(_: Float.Type) throws -> Float { Float(try double()) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
}
