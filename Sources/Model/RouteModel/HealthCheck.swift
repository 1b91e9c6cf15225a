/// How a route is probed, with every default filled in.
///
/// Most routes are probed alike: copies share one box, and so do all routes that state nothing of their own.
@dynamicMemberLookup
package struct HealthCheck: Hashable, Sendable {
  package struct Settings: Hashable, Sendable {
    package var isDisabled: Bool
    package var path: String
    package var useGet: Bool
    package var interval: Duration
    package var timeout: Duration
    /// Successes in a row until `healthy`.
    package var healthyAfter: Int
    /// Failures in a row until `unhealthy`.
    package var unhealthyAfter: Int
    /// For how long after its start a guest whose service does not answer yet is `starting`.
    package var startGrace: Duration
    package var expectedStatus: ExpectedStatus
    /// What is sent to a UDP service; nil where there is no way to find out how it is.
    package var payload: [UInt8]?
    /// What a UDP service's answer must hold; empty takes any answer.
    package var expectedAnswer: [UInt8]
  }

  /// Always one: an array copies it when a value is changed.
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

  package subscript<Value>(dynamicMember member: WritableKeyPath<Settings, Value>) -> Value {
    get { settings[0][keyPath: member] }
    set { settings[0][keyPath: member] = newValue }
  }

  /// This check with what a route states put over it.
  package func overridden(by declared: RouteDeclaration.HealthCheck) -> HealthCheck {
    if declared == RouteDeclaration.HealthCheck() { return self }
    return HealthCheck(
      isDisabled: declared.disable ?? self.isDisabled, path: declared.path ?? self.path,
      useGet: declared.useGet ?? self.useGet, interval: declared.interval ?? self.interval,
      timeout: declared.timeout ?? self.timeout, healthyAfter: self.healthyAfter,
      unhealthyAfter: declared.retries ?? self.unhealthyAfter, startGrace: self.startGrace,
      expectedStatus: declared.expectedStatus ?? self.expectedStatus, payload: declared.payload ?? self.payload,
      expectedAnswer: declared.expectedAnswer ?? self.expectedAnswer)
  }
}
