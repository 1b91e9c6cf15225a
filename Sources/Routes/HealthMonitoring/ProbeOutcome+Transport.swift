import FoundationEssentials
import HTTPTransport
import RouteModel

extension ProbeOutcome {
  /// Translates the error of a request into its meaning for the target.
  init(_ error: HTTPTransportError, at now: Date = Date()) {
    self =
      switch error {
      case .invalidURL(let url): .impossible(reason: "no valid URL: \(url)")
      case .invalidHeader(let name): .impossible(reason: "no valid header: \(name)")
      case .nameNotResolved(let host): .impossible(reason: "the name '\(host)' does not resolve")
      case .nameLookupFailed(let host, let reason):
        .impossible(reason: "the name '\(host)' cannot be looked up now: \(reason)")
      case .connectionRefused(let address): .failure(.refused(address: address))
      case .cannotConnect(let address, let reason): .failure(.unreachable(address: address, reason: reason))
      case .timedOut(let phase, let limit): .failure(.timedOut(phase: phase, after: limit))
      case .fingerprintMismatch(nil): .failure(.certificate(reason: "is not the pinned one"))
      case .fingerprintMismatch(let presented?):
        .failure(.certificate(reason: "is not the pinned one, its fingerprint is \(presented)"))
      case .certificateNotTrusted(.expired(let end?)):
        .failure(.certificate(reason: "expired \(Self.age(since: end, now)) ago"))
      case .certificateNotTrusted(let fault): .failure(.certificate(reason: "not trusted: \(fault)"))
      case .tlsFailed(let reason): .failure(.tls(reason: reason))
      case .connectionClosed(let reason): .failure(.badAnswer(reason: "connection closed: \(reason)"))
      case .malformedResponse(let reason): .failure(.badAnswer(reason: "no HTTP answer: \(reason)"))
      case .bodyTooLarge(let limit): .failure(.badAnswer(reason: "the answer is longer than \(limit) bytes"))
      // A lack of resources in the agent is no failure of the route.
      case .shortage, .cancelled, .closed: .abandoned
      }
  }

  private static func age(since end: Int, _ now: Date) -> String {
    let seconds = max(0, Int(now.timeIntervalSince1970) - end)
    let (count, unit) =
      switch seconds {
      case 86400...: (seconds / 86400, "day")
      case 3600...: (seconds / 3600, "hour")
      default: (max(1, seconds / 60), "minute")
      }
    return "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}

extension ProbePhases {
  /// Converts the times at which the phases ended into their durations.
  init(_ timings: PhaseTimings) {
    let isConnected = timings.connect > .zero
    let hasTLS = timings.tlsHandshake > .zero
    self.init(
      nameLookup: isConnected ? timings.nameLookup : nil,
      connect: isConnected ? timings.connect - timings.nameLookup : nil,
      tlsHandshake: hasTLS ? timings.tlsHandshake - timings.connect : nil,
      firstByte: timings.firstByte > .zero
        ? max(.zero, timings.firstByte - max(timings.connect, timings.tlsHandshake)) : nil)
  }
}
