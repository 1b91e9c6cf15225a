import CCurl
import COpenSSL

/// libcurl's process-wide state.
enum CurlLibrary {
  /// Initialises libcurl and OpenSSL, once; false if that fails.
  static let isReady: Bool = {
    // Otherwise, OpenSSL frees its tables in `exit` while the transfer thread may still be using them.
    OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    return curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
  }()

  /// Whether libcurl was built with a file of the system's CAs (on Debian `/etc/ssl/certs/ca-certificates.crt`).
  static let hasCABundle: Bool = ccurl_ca_bundle() != nil
}
