import COpenSSL
import NIOSSL

/// The CN of a certificate's subject: its name, where it has no alternative ones.
enum CommonName {
  /// Nil where it has none, or one longer than a DNS name.
  static func of(_ certificate: NIOSSLCertificate) -> String? {
    guard let der = try? certificate.toDERBytes() else { return nil }
    return der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      guard let parsed = d2i_X509(nil, &start, bytes.count) else { return nil }
      defer { X509_free(parsed) }
      var text = [CChar](repeating: 0, count: 256)
      let length = X509_NAME_get_text_by_NID(
        X509_get_subject_name(parsed), NID_commonName, &text, Int32(text.count))
      guard length > 0 else { return nil }
      return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
