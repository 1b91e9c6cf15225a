/// Why a field block cannot be decoded. The state of the connection is lost with it (RFC 9113 §4.3).
package enum HPACKError: Error, Hashable, Sendable {
  /// The block ends in the middle of a field.
  case truncated
  /// A number beyond what any index or length can be (RFC 7541 §5.1).
  case number
  /// An index that neither table has (RFC 7541 §2.3.3).
  case index
  /// A Huffman code that is none, or bad padding (RFC 7541 §5.2).
  case code
  /// A size of the dynamic table above what was allowed, or in the middle of a block (RFC 7541 §4.2).
  case tableSize
}
