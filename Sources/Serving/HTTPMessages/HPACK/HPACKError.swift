/// Why a field block cannot be decoded. The connection cannot continue afterwards (RFC 9113 §4.3).
package enum HPACKError: Error, Hashable, Sendable {
  /// The block ends in the middle of a field.
  case truncated
  /// An integer larger than any index or length (RFC 7541 §5.1).
  case number
  /// An index that is in neither table (RFC 7541 §2.3.3).
  case index
  /// An invalid Huffman code or padding (RFC 7541 §5.2).
  case code
  /// A table size above the limit, or in the middle of a block (RFC 7541 §4.2).
  case tableSize
}
