package import FoundationEssentials

/// The health status of a route. The raw values are those of the socket's API.
package enum HealthStatus: String, Sendable, CaseIterable {
  case unknown, healthy, napping, starting, unhealthy, error
}

/// A route's health at one moment.
package struct HealthReport: Hashable, Sendable {
  package var status: HealthStatus
  /// When the status last changed.
  package var since: Date
  /// Nil until the first probe has ended.
  package var lastChecked: Date?
  /// The latency of the last successful probe.
  @Nanoseconds package var latency: Duration?
  /// One line for a person: `200 OK`, `connection refused`, `not checked yet`.
  package var detail: String
  /// Why the route is not healthy; nil while it is.
  package var cause: String?
  /// Since when the service has been up without a break; nil while it is not.
  @Compact package var upSince: ContinuousClock.Instant?
  /// Nil while the status holds still.
  @Rare package var flapping: HealthFlapping?
  /// The phases of the last successful probe.
  package var phases: ProbePhases?
  /// When the upstream's certificate expires; nil without TLS.
  package var certificateEnd: Date?

  package init(
    status: HealthStatus, since: Date, lastChecked: Date? = nil, latency: Duration? = nil, detail: String,
    cause: String? = nil, upSince: ContinuousClock.Instant? = nil, flapping: HealthFlapping? = nil,
    phases: ProbePhases? = nil, certificateEnd: Date? = nil
  ) {
    self.status = status
    self.since = since
    self.lastChecked = lastChecked
    self.latency = latency
    self.detail = detail
    self.cause = cause
    self.upSince = upSince
    self.flapping = flapping
    self.phases = phases
    self.certificateEnd = certificateEnd
  }

  /// How long the service has been up; zero while it is down.
  package func uptime(at now: ContinuousClock.Instant = .now) -> Duration {
    upSince.map { max(.zero, now - $0) } ?? .zero
  }

  /// A summary for people: the cause of a problem, else the probe's detail.
  package var summary: String {
    let text = status == .unknown ? detail : cause ?? detail
    return flapping.map { "flapping, \($0)\(status == .healthy ? "; now" : ":") \(text)" } ?? text
  }

  package static func unknown(_ detail: String, at date: Date = Date()) -> HealthReport {
    HealthReport(status: .unknown, since: date, detail: detail)
  }
}

/// The numbers of a report at one moment: a plain value, which costs nothing to copy.
package struct HealthNumbers: Hashable, Sendable {
  package let status: HealthStatus
  /// How long the service has been up; zero while it is down.
  package let uptimeMicroseconds: Int64
  /// Of the last successful probe; nil before the first one.
  package let latencyMicroseconds: Int64?
}

extension HealthReport {
  package func numbers(at now: CompactInstant) -> HealthNumbers {
    HealthNumbers(
      status: status, uptimeMicroseconds: $upSince.map { now.microseconds(since: $0) } ?? 0,
      latencyMicroseconds: _latency.microseconds)
  }
}

/// The recent changes of a service whose status changes so often that it means little.
package struct HealthFlapping: Hashable, Sendable, CustomStringConvertible {
  /// Changes between healthy and any other status.
  package var changes: Int
  package var minutes: Int

  package init(changes: Int, minutes: Int) { (self.changes, self.minutes) = (changes, minutes) }

  package var description: String { "\(changes) changes in \(minutes) min" }
}

/// The duration of each phase of a probe; nil for a phase that did not occur, as on an open connection.
package struct ProbePhases: Hashable, Sendable {
  @Nanoseconds package var nameLookup: Duration?
  @Nanoseconds package var connect: Duration?
  @Nanoseconds package var tlsHandshake: Duration?
  /// From the request to the first byte of the response.
  @Nanoseconds package var firstByte: Duration?

  package init(
    nameLookup: Duration? = nil, connect: Duration? = nil, tlsHandshake: Duration? = nil, firstByte: Duration? = nil
  ) {
    self.nameLookup = nameLookup
    self.connect = connect
    self.tlsHandshake = tlsHandshake
    self.firstByte = firstByte
  }
}
