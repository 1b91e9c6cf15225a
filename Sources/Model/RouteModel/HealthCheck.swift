/// How a route is probed, with all defaults filled in.
///
/// Most routes are probed alike: copies share one box, as do all routes without settings of their own.
package struct HealthCheck: Hashable, Sendable {
  private struct Settings: Hashable, Sendable {
    var isDisabled: Bool
    var path: String
    var useGet: Bool
    var interval: Duration
    var timeout: Duration
    var healthyAfter: Int
    var unhealthyAfter: Int
    var startGrace: Duration
    var expectedStatus: ExpectedStatus
    var payload: [UInt8]?
    var expectedAnswer: [UInt8]
  }

  /// Exactly one element: the array is copied when a value changes.
  private var settings: [Settings]

  package init(
    isDisabled: Bool = false, path: String = "/", useGet: Bool = false, interval: Duration = .seconds(10),
    timeout: Duration = .seconds(5), healthyAfter: Int = 1, unhealthyAfter: Int = 3,
    startGrace: Duration = .seconds(30), expectedStatus: ExpectedStatus = .belowServerErrors, payload: [UInt8]? = nil,
    expectedAnswer: [UInt8] = []
  ) {
    settings = [
      Settings(
        isDisabled: isDisabled, path: path, useGet: useGet, interval: interval, timeout: timeout,
        healthyAfter: healthyAfter, unhealthyAfter: unhealthyAfter, startGrace: startGrace,
        expectedStatus: expectedStatus, payload: payload, expectedAnswer: expectedAnswer)
    ]
  }

  package var isDisabled: Bool { settings[0].isDisabled }
  package var path: String { settings[0].path }
  package var useGet: Bool { settings[0].useGet }
  package var interval: Duration {
    get { settings[0].interval }
    set { settings[0].interval = newValue }
  }
  package var timeout: Duration {
    get { settings[0].timeout }
    set { settings[0].timeout = newValue }
  }
  /// Consecutive successes until `healthy`.
  package var healthyAfter: Int {
    get { settings[0].healthyAfter }
    set { settings[0].healthyAfter = newValue }
  }
  /// Consecutive failures until `unhealthy`.
  package var unhealthyAfter: Int {
    get { settings[0].unhealthyAfter }
    set { settings[0].unhealthyAfter = newValue }
  }
  /// How long after a guest's start its service counts as `starting` while it does not answer.
  package var startGrace: Duration {
    get { settings[0].startGrace }
    set { settings[0].startGrace = newValue }
  }
  package var expectedStatus: ExpectedStatus { settings[0].expectedStatus }
  /// The datagram sent to a UDP service; nil if the service cannot be probed.
  package var payload: [UInt8]? { settings[0].payload }
  /// The bytes that a UDP service's answer must contain; empty accepts any answer.
  package var expectedAnswer: [UInt8] { settings[0].expectedAnswer }

  /// This check, overridden by the settings that a route declares.
  package func overridden(by declared: RouteDeclaration.HealthOverrides) -> HealthCheck {
    if declared == RouteDeclaration.HealthOverrides() { return self }
    return HealthCheck(
      isDisabled: declared.disable ?? self.isDisabled, path: declared.path ?? self.path,
      useGet: declared.useGet ?? self.useGet, interval: declared.interval ?? self.interval,
      timeout: declared.timeout ?? self.timeout, healthyAfter: self.healthyAfter,
      unhealthyAfter: declared.retries ?? self.unhealthyAfter, startGrace: self.startGrace,
      expectedStatus: declared.expectedStatus ?? self.expectedStatus, payload: declared.payload ?? self.payload,
      expectedAnswer: declared.expectedAnswer ?? self.expectedAnswer)
  }
}
