import CCurl

/// libcurl refused to set an option.
struct RefusedOption: Error, CustomStringConvertible {
  var option: CURLoption
  var code: CURLcode

  var description: String {
    "this libcurl refuses option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))"
  }
}

/// A `CURL *` with its options as Swift values. Belongs to the transfer thread.
struct EasyHandle {
  let raw: UnsafeMutableRawPointer

  init?() {
    guard let raw = curl_easy_init() else { return nil }
    self.raw = raw
  }

  /// Resets all options; keeps connections, TLS sessions and cached names.
  func reset() { curl_easy_reset(raw) }

  func cleanUp() { curl_easy_cleanup(raw) }

  func set(_ option: CURLoption, _ value: Int) throws(RefusedOption) {
    try check(option, ccurl_set_long(raw, option, value))
  }

  func set(_ option: CURLoption, _ value: Bool) throws(RefusedOption) { try set(option, value ? 1 : 0) }

  /// libcurl copies the string.
  func set(_ option: CURLoption, _ value: String?) throws(RefusedOption) {
    try check(option, ccurl_set_string(raw, option, value))
  }

  /// libcurl copies the bytes.
  func set(_ option: CURLoption, bytes: [UInt8]) throws(RefusedOption) {
    try check(option, bytes.withUnsafeBytes { ccurl_set_blob(raw, option, $0.baseAddress, $0.count) })
  }

  /// The list must outlive the transfer.
  func set(_ option: CURLoption, _ list: StringList) throws(RefusedOption) {
    try check(option, ccurl_set_list(raw, option, list.head))
  }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) throws(RefusedOption) {
    try check(option, ccurl_set_pointer(raw, option, pointer))
  }

  /// The request's body, which libcurl copies; sent with `Content-Length`.
  func setBody(_ body: [UInt8]) throws(RefusedOption) {
    try check(CURLOPT_POSTFIELDSIZE_LARGE, ccurl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    // An empty array may have no address, and without an address libcurl reads the body from stdin.
    guard !body.isEmpty else { return try set(CURLOPT_COPYPOSTFIELDS, "") }
    let code = body.withUnsafeBytes { ccurl_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
    try check(CURLOPT_COPYPOSTFIELDS, code)
  }

  func set(_ option: CURLoption, _ callback: curl_write_callback) throws(RefusedOption) {
    try check(option, ccurl_set_data_callback(raw, option, callback))
  }

  func setBeforeRequest(_ callback: curl_prereq_callback) throws(RefusedOption) {
    try check(CURLOPT_PREREQFUNCTION, ccurl_set_prereq_callback(raw, callback))
  }

  func setOpenSocket(_ callback: curl_opensocket_callback) throws(RefusedOption) {
    try check(CURLOPT_OPENSOCKETFUNCTION, ccurl_set_opensocket_callback(raw, callback))
  }

  func setBeforeHandshake(_ callback: curl_ssl_ctx_callback) throws(RefusedOption) {
    try check(CURLOPT_SSL_CTX_FUNCTION, ccurl_set_ssl_ctx_callback(raw, callback))
  }

  func integer(_ info: CURLINFO) -> Int { ccurl_get_long(raw, info) }

  /// One of the `…_TIME_T` infos.
  func time(_ info: CURLINFO) -> Duration { .microseconds(Int64(ccurl_get_offset(raw, info))) }

  private func check(_ option: CURLoption, _ code: CURLcode) throws(RefusedOption) {
    guard code == CURLE_OK else { throw RefusedOption(option: option, code: code) }
  }
}

/// A `curl_slist`.
final class StringList {
  private(set) var head: UnsafeMutablePointer<curl_slist>?

  init(_ items: [String]) {
    for item in items { head = curl_slist_append(head, item) ?? head }
  }

  deinit { curl_slist_free_all(head) }
}
