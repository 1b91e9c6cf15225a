/// How a route is probed, with every default filled in.
package struct HealthCheck: Hashable, Sendable {
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

  package init(
    isDisabled: Bool = false, path: String = "/", useGet: Bool = false, interval: Duration = .seconds(10),
    timeout: Duration = .seconds(5), healthyAfter: Int = 1, unhealthyAfter: Int = 3,
    startGrace: Duration = .seconds(30), expectedStatus: ExpectedStatus = .belowServerErrors, payload: [UInt8]? = nil,
    expectedAnswer: [UInt8] = []
  ) {
    self.isDisabled = isDisabled
    self.path = path
    self.useGet = useGet
    self.interval = interval
    self.timeout = timeout
    self.healthyAfter = healthyAfter
    self.unhealthyAfter = unhealthyAfter
    self.startGrace = startGrace
    self.expectedStatus = expectedStatus
    self.payload = payload
    self.expectedAnswer = expectedAnswer
  }

  /// This check with what a route states put over it.
  package func overridden(by declared: RouteDeclaration.HealthCheck) -> HealthCheck {
    HealthCheck(
      isDisabled: declared.disable ?? isDisabled, path: declared.path ?? path, useGet: declared.useGet ?? useGet,
      interval: declared.interval ?? interval, timeout: declared.timeout ?? timeout, healthyAfter: healthyAfter,
      unhealthyAfter: declared.retries ?? unhealthyAfter, startGrace: startGrace,
      expectedStatus: declared.expectedStatus ?? expectedStatus, payload: declared.payload ?? payload,
      expectedAnswer: declared.expectedAnswer ?? expectedAnswer)
  }
}
