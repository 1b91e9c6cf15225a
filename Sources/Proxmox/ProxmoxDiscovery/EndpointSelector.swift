/// The order in which a cluster's endpoints are tried.
///
/// The configured ones come first, in configuration order, then those that the cluster reported. After a failure, an
/// endpoint is tried last for a while, longer each time; then it regains its place, so that the preferred one is used
/// again when it recovers.
struct EndpointSelector: Sendable {
  private struct Failure: Sendable {
    var count = 0
    var restsUntil: ContinuousClock.Instant
  }

  private let configured: [String]
  /// The endpoints of the cluster's nodes, in order of their names.
  var discovered: [String] = [] {
    didSet { failures = failures.filter { configured.contains($0.key) || discovered.contains($0.key) } }
  }
  private let interval: Duration
  private var failures: [String: Failure] = [:]
  private var working: String?

  init(_ endpoints: [String], interval: Duration) { (configured, self.interval) = (endpoints, interval) }

  func order(at now: ContinuousClock.Instant) -> [String] {
    let all = configured + discovered.filter { !configured.contains($0) }
    let rests = all.map { failures[$0].map { max(now, $0.restsUntil) } ?? now }
    // Available ones in their order, then by the end of their pause.
    return zip(all.indices, rests).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map { all[$0.0] }
  }

  /// How long the first endpoint of an order has before the next one is asked as well.
  ///
  /// All of them together get the time of one request. While another endpoint works, one that is only retried gets
  /// less.
  func headStart(of order: [String], requestTimeout: Duration) -> Duration {
    let share = requestTimeout / max(2, order.count)
    guard let working, order.first != working, order.contains(working) else { return share }
    return min(share, max(.milliseconds(250), min(.seconds(2), interval / 4)))
  }

  mutating func succeeded(_ endpoint: String) {
    working = endpoint
    failures[endpoint] = nil
  }

  mutating func failed(_ endpoint: String, at now: ContinuousClock.Instant) {
    var failure = failures[endpoint] ?? Failure(restsUntil: now)
    failure.count += 1
    let longest = max(interval, min(interval * 6, .seconds(60)))
    failure.restsUntil = now + min(longest, interval * (1 << min(failure.count - 1, 5)))
    failures[endpoint] = failure
  }
}
