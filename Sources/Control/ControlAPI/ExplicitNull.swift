/// An optional that is encoded as `null` if it is nil, so that every key is always present.
///
/// Swift's own coding omits nil. A missing key is decoded as nil, so that older agents can be queried too.
@propertyWrapper
package struct ExplicitNull<Wrapped: Sendable>: Sendable {
  package var wrappedValue: Wrapped?

  package init(wrappedValue: Wrapped?) { self.wrappedValue = wrappedValue }
}

extension ExplicitNull: Equatable where Wrapped: Equatable {}
extension ExplicitNull: Hashable where Wrapped: Hashable {}

extension ExplicitNull: Encodable where Wrapped: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

extension ExplicitNull: Decodable where Wrapped: Decodable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Wrapped.self)
  }
}

extension KeyedDecodingContainer {
  /// Called by the compiler-generated `init(from:)` for a wrapped property.
  package func decode<Wrapped: Decodable>(
    _: ExplicitNull<Wrapped>.Type, forKey key: Key
  ) throws -> ExplicitNull<Wrapped> {
    ExplicitNull(wrappedValue: try decodeIfPresent(Wrapped.self, forKey: key))
  }
}
