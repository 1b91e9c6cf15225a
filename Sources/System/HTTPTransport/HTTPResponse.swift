/// An answer with any status.
package struct HTTPResponse: Sendable {
  package var status: Int
  /// PVE puts its error texts here.
  package var reasonPhrase: String
  /// In the order received; names as sent.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  package var timings: PhaseTimings
  /// Nil without TLS.
  package var peerCertificate: PeerCertificate?
  /// Of the request's secrets, which are masked in the fields above.
  var mask = SecretMask([])

  /// The first header of that name, case-insensitively.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// Masks the request's secrets in an error's text that quotes the answer: some are only visible once it is decoded, and
  /// a good answer's body keeps short ones.
  package func masked(_ text: String) -> String { mask.masked(text) }

  package init(
    status: Int, reasonPhrase: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timings: PhaseTimings = PhaseTimings()
  ) {
    self.status = status
    self.reasonPhrase = reasonPhrase
    self.headers = headers
    self.body = body
    self.timings = timings
  }
}

/// The ends of a request's phases, counted from its start; zero for a phase that did not take place.
package struct PhaseTimings: Hashable, Sendable {
  package var nameLookup: Duration = .zero
  package var connect: Duration = .zero
  package var tlsHandshake: Duration = .zero
  package var firstByte: Duration = .zero
  package var total: Duration = .zero
  package init() {}
}
