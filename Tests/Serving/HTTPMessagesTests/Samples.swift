@testable import HTTPMessages

/// Samples of connections: one for each feature of messages.
enum Samples {
  static let requests: [String] = [
    "GET / HTTP/1.1\r\nHost: plex\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: plex\r\n\r\n",
    "GET /a?b=c%20d HTTP/1.1\r\nHost:plex.home.example:8080\r\nAccept: \t text/html \t\r\nX-Empty:\r\nX:\t\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: plex\r\nConnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "GET http://plex/a HTTP/1.1\r\nHost: other\r\n\r\n",
    "PURGE /cache HTTP/1.1\r\nhOsT: plex\r\nX-T: a\tb\u{e9}\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: plex\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: plex\r\nContent-Length: 0\r\n\r\nGET /next HTTP/1.1\r\nHost: plex\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: plex\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: plex\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n1 \t;\tx\r\na\r\n0\r\nSum: 1\r\nB:\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: plex\r\nConnection: x-mine, Upgrade ,, close\r\nX-Mine: 1\r\nUpgrade: websocket\r\n\r\n",
    "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\nGET /3 HTTP/1.1\r\nHost: c\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: plex\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nPOST /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi",
  ]

  static let responses: [String] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 200 OK\nX: y\nContent-Length: 2\n\nhi",
    "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length \t: 2\r\n\r\nhi",
    "HTTP/1.1 200 Все хорошо\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nSum: 1\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 300\r\nETag: \"a\"\r\n\r\n",
  ]

  /// Connections whose first message is refused, whatever follows.
  static let refusedRequests: [(text: String, fault: MessageFault)] =
    startLines + fields + lineEndings + framing + hosts + chunks

  private static let startLines: [(String, MessageFault)] =
    [
      "GET /\r\n", "GET  / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", " GET / HTTP/1.1\r\n", "G(T / HTTP/1.1\r\n",
      "GET /a b HTTP/1.1\r\n", "GET\t/ HTTP/1.1\r\n", "GET / http/1.1\r\n", "GET / HTTP/1.1x\r\n",
      "\r\n\r\nGET / HTTP/1.1\r\n",
      "GET /\0 HTTP/1.1\r\n", "GET / HTTP/11\r\n", "GET / HTTP/1.\r\n", "/ HTTP/1.1\r\n",
      "GET / HTTP/1.10\r\n", "HTTP/1.1 200 OK\r\n",
    ].map { ($0 + "Host: a\r\n\r\n", .startLine) }
    + ["GET /\u{e9} HTTP/1.1\r\n", "GET /a\u{1f600}"].map { ($0 + "Host: a\r\n\r\n", .targetCharacter) }
    + ["GET / HTTP/2.0\r\n", "GET / HTTP/1.2\r\n", "GET / HTTP/0.9\r\n", "PRI * HTTP/2.0\r\n"]
    .map { ($0 + "Host: a\r\n\r\n", .version) }
    + [
      "GET ftp://a/ HTTP/1.1\r\n", "GET http:/a/ HTTP/1.1\r\n", "CONNECT http://a/ HTTP/1.1\r\n",
      "CONNECT a:443 HTTP/1.1\r\n", "CONNECT /a HTTP/1.1\r\n", "GET a:80 HTTP/1.1\r\n",
      "GET * HTTP/1.1\r\n", "OPTIONS ** HTTP/1.1\r\n", "GET ?a HTTP/1.1\r\n", "GET \\a HTTP/1.1\r\n",
    ].map { ($0 + "Host: a\r\n\r\n", .target) }

  private static let fields: [(String, MessageFault)] = [
    "X : y", " X: y", "\tX: y", "X", ": y", "X\u{e9}: y", "X(: y", "X: a\0b", "X: a\u{1}b", "X: a\u{7f}b", "X: a\u{b}b",
    "X: a\r\n folded", "X: a\r\n\tfolded", "X\0: y",
  ].map { ("GET / HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n", .fieldLine) }

  private static let lineEndings: [(String, MessageFault)] = [
    "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\r\n\r\n",
  ].map { ($0, .lineEnding) }

  private static let framing: [(String, MessageFault)] =
    [
      "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5, 5",
      "Content-Length: -1", "Content-Length: +5", "Content-Length: 0x5", "Content-Length: 5 5", "Content-Length:",
      "Content-Length: 99999999999999999999", "Content-Length: 5\u{b2}", "Content-Length: 1e3",
    ].map { ("POST / HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\nhello", .contentLength) }
    + [
      "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding:",
      "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity",
      "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: chunked,",
      "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 0",
    ].map { ("POST / HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n0\r\n\r\n", .transferEncoding) }
    + [("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .transferEncoding)]

  private static let hosts: [(String, MessageFault)] =
    [
      "X: y", "Host: a\r\nHost: a", "Host: a\r\nhost: b", "Host:", "Host: a b", "Host: a,b", "Host: a/b", "Host: u@a",
      "Host: a:b", "Host: a:123456", "Host: a:80:80", "Host: :80", "Host: [::1", "Host: []", "Host: [g::1]",
      "Host: [::1]x",
      "Host: *", "Host: a\u{e9}", "Host: a%2eb", "Host: http://a",
    ].map { ("GET / HTTP/1.1\r\n\($0)\r\n\r\n", .host) } + absoluteForms

  /// The authority of a target must be valid like a Host, and does not replace it.
  private static let absoluteForms: [(String, MessageFault)] =
    ["http:///", "http://", "https://?a", "http://u@a/", "http://a:b/", "http://a,b/", "http://a%2eb/"].map {
      ("GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n", .host)
    }
    + ["X: y", "Host: a\r\nHost: a", "Host: a b", "Host:"].map {
      ("GET http://a/ HTTP/1.1\r\n\($0)\r\n\r\n", .host)
    }

  private static let chunks: [(String, MessageFault)] = [
    "\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\na\r\n", "1\na\n", "1\r\na\n0\r\n\r\n",
    "1\r\nab\r\n0\r\n\r\n",
    "1\r\na0\r\n\r\n", "1 a\r\na\r\n", "1;a\nb\r\na\r\n", "1;a\u{0}\r\na\r\n", "1\ra\r\n", "1g\r\n", "1_0\r\n",
    "1,\r\na\r\n",
    "ffffffffffffffff\r\na", "10000000000000000\r\n", "0\r\n\n\n", "0\r\n\rX\r\n",
    "1;\(String(repeating: "x", count: 300))\r\na\r\n",
  ].map { ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\($0)", .chunk) }
}
