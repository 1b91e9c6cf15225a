import COpenSSL

/// An `X509 *` of OpenSSL.
final class DERCertificate {
  let pointer: OpaquePointer

  /// Nil if the bytes are not a certificate.
  init?(_ der: [UInt8]) {
    let parsed = der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_X509(nil, &start, bytes.count)
    }
    guard let parsed else { return nil }
    pointer = parsed
  }

  deinit { X509_free(pointer) }

  /// The CN of the subject; nil if there is none, or if it is longer than a DNS name.
  var commonName: String? {
    var text = [CChar](repeating: 0, count: 256)
    let length = X509_NAME_get_text_by_NID(X509_get_subject_name(pointer), NID_commonName, &text, Int32(text.count))
    guard length > 0 else { return nil }
    return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
