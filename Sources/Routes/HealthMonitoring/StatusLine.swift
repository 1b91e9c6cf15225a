import PrintableText

/// An HTTP status as one line for people.
enum StatusLine {
  /// `502 Bad Gateway`; the usual reason phrase if the answer had none (as in HTTP/2).
  ///
  /// The phrase is the peer's and is printed on a terminal: control characters are removed, and its length is bounded.
  static func text(_ status: Int, reason: String) -> String {
    let reason = String(
      String.UnicodeScalarView(reason.unicodeScalars.filter { !PrintableText.isUnsafe($0) }.prefix(60)))
    let phrase = reason.allSatisfy(\.isWhitespace) ? usual[status] ?? "" : reason
    return phrase.isEmpty ? "\(status)" : "\(status) \(phrase)"
  }

  private static let usual = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
    302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
  ]
}
