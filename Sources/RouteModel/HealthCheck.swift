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

  package init(
    isDisabled: Bool = false, path: String = "/", useGet: Bool = false, interval: Duration = .seconds(10),
    timeout: Duration = .seconds(5), healthyAfter: Int = 1, unhealthyAfter: Int = 3
  ) {
    self.isDisabled = isDisabled
    self.path = path
    self.useGet = useGet
    self.interval = interval
    self.timeout = timeout
    self.healthyAfter = healthyAfter
    self.unhealthyAfter = unhealthyAfter
  }

  /// This check with what a route states put over it.
  package func overridden(by declared: RouteDeclaration.HealthCheck) -> HealthCheck {
    HealthCheck(
      isDisabled: declared.disable ?? isDisabled, path: declared.path ?? path, useGet: declared.useGet ?? useGet,
      interval: declared.interval ?? interval, timeout: declared.timeout ?? timeout, healthyAfter: healthyAfter,
      unhealthyAfter: declared.retries ?? unhealthyAfter)
  }
}
