import COpenSSL
import HTTPTransport
import NIOSSL
import RouteModel

/// The CAs of one trust policy, and verification by OpenSSL.
///
/// OpenSSL instead of the BoringSSL in NIOSSL, so that the proxy trusts the same servers as the probes, and can report
/// what is wrong with the others.
final class CertificateAuthorities: Sendable {
  /// An `X509_STORE *`, which OpenSSL locks itself; stored as a number because pointers are not Sendable.
  private let address: Int

  /// The system's CAs in OpenSSL's default places; nil without memory.
  init?() {
    guard let store = X509_STORE_new() else { return nil }
    // Without any CA on the system, every verification reports that.
    X509_STORE_set_default_paths(store)
    address = Int(bitPattern: store)
  }

  /// The certificates of a PEM file; nil if it contains none.
  init?(pem: [UInt8]) {
    guard !pem.isEmpty, let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), let store = X509_STORE_new()
    else { return nil }
    for certificate in certificates {
      guard let authority = (try? certificate.toDERBytes()).flatMap(DERCertificate.init) else { continue }
      X509_STORE_add_cert(store, authority.pointer)
    }
    address = Int(bitPattern: store)
  }

  private var store: OpaquePointer? { OpaquePointer(bitPattern: address) }

  deinit { X509_STORE_free(store) }

  /// Why a server's chain, its own certificate first, is not trusted; nil if it is.
  ///
  /// `name` is the server's DNS name, or an IP address among those of its certificate; nil accepts any.
  func fault(in chain: [DERCertificate], name: String?) -> CertificateFault? {
    guard let leaf = chain.first else { return .other("it is missing") }
    guard let context = X509_STORE_CTX_new(), let others = OPENSSL_sk_new_null() else { return .other("no memory") }
    defer {
      X509_STORE_CTX_free(context)
      OPENSSL_sk_free(others)
    }
    for certificate in chain.dropFirst() {
      OPENSSL_sk_push(others, UnsafeRawPointer(certificate.pointer))
    }
    guard X509_STORE_CTX_init(context, store, leaf.pointer, others) == 1, Self.demand(name, of: context) else {
      return .other("OpenSSL cannot compare it with '\(name ?? "any name")'")
    }
    return X509_verify_cert(context) == 1 ? nil : Self.fault(found: context, name: name)
  }

  /// Requires the same as curl does on this system: the purpose, sufficiently strong keys, and the name.
  private static func demand(_ name: String?, of context: OpaquePointer) -> Bool {
    guard X509_STORE_CTX_set_default(context, "ssl_server") == 1,
      let parameters = X509_STORE_CTX_get0_param(context)
    else { return false }
    X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    // A CA file may contain an intermediate CA alone.
    X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard let name else { return true }
    if let address = IPAddress(name) { return X509_VERIFY_PARAM_set1_ip_asc(parameters, address.description) == 1 }
    return X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
  }

  private static func fault(found context: OpaquePointer, name: String?) -> CertificateFault {
    let code = X509_STORE_CTX_get_error(context)
    let notAfter = X509_STORE_CTX_get_current_cert(context).flatMap { PeerCertificate.notAfter(of: $0) }
    switch code {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return .otherName(name ?? "")
    default:
      let words = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "error \(code)"
      return CertificateFault(verification: code, notAfter: notAfter) ?? .other(words)
    }
  }
}
