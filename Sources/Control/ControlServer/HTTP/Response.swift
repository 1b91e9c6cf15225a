import NIOCore

/// The answer of an operation.
struct Response: Sendable {
  enum Status: UInt16, Sendable {
    case ok = 200
    case accepted = 202
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case conflict = 409
    case contentTooLarge = 413
    case unprocessableContent = 422
    case internalServerError = 500
    case badGateway = 502
    case serviceUnavailable = 503
  }

  enum Body: Sendable {
    case bytes(ByteBuffer)
    /// Made piece by piece as the client reads it.
    case pieces(any BodySource)
    /// Written piece by piece for as long as the closure runs.
    case stream(@Sendable (ResponseWriter) async throws -> Void)
  }

  var status: Status
  var contentType: String
  /// The methods that the path takes, for a 405.
  var allow: String?
  var body: Body

  init(status: Status = .ok, contentType: String, body: Body) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
  }
}
