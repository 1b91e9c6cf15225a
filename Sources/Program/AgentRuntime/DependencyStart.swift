import GuestControl
import RouteModel
import RouteRegistry

/// Starts what routes depend on (`depends_on`), before their own guest.
struct DependencyStart {
  private static let pause = Duration.milliseconds(100)
  /// Added so that the guest's own time-out, which has a cause, comes first.
  private static let grace = Duration.seconds(1)

  let controller: GuestController
  let registry: RouteRegistry

  /// Returns once all dependencies are up, or the reason if one is not.
  ///
  /// - Parameter reason: of the guest's own start. If it is for a route, the dependencies of that route are started,
  /// else
  ///   those of all routes to the guest.
  func start(for guest: GuestID, _ reason: ControlReason) async -> ControlFailure? {
    let routes = registry.snapshot.active.filter { entry in
      entry.route.link.resource?.guest == guest && reason.route.map { $0 == entry.key } ?? true
    }
    do throws(ControlFailure) {
      for entry in routes { try await start(for: entry) }
      return nil
    } catch { return error }
  }

  /// - Parameter path: the routes that wait for it.
  private func start(
    for entry: RegistrySnapshot.Entry, path: [RegistrySnapshot.Entry] = []
  ) async throws(ControlFailure) {
    let guest = entry.route.link.resource?.guest
    for dependency in entry.route.declaration.wake?.dependencies ?? [] {
      let alias = dependency.alias
      guard alias != entry.key, !path.contains(where: { $0.key == alias }) else {
        throw .dependency(alias, "it depends on itself")
      }
      guard let other = registry.snapshot.entry(alias) else { throw .dependency(alias, "there is no such route") }
      let needed = other.route.link.resource?.guest
      if let needed, needed != guest, let first = path.first(where: { $0.route.link.resource?.guest == needed }) {
        throw .dependency(alias, "it is in the same guest as \(first.key), which is started after it")
      }
      try await start(for: other, path: path + [entry])
      // A route of the same guest is up together with the guest.
      if let needed {
        guard needed != guest else { continue }
        do throws(ControlFailure) {
          _ = try await controller.start(needed, .dependency(of: entry.key))
        } catch { throw .dependency(alias, error.description) }
      }
      try await wait(for: dependency, other)
    }
  }

  private func wait(for dependency: WakePolicy.Dependency, _ entry: RegistrySnapshot.Entry) async throws(ControlFailure)
  {
    let limit = entry.route.declaration.wake?.wakeTimeout ?? WakePolicy().wakeTimeout
    let end = ContinuousClock.now + limit + Self.grace
    while !isUp(dependency, entry) {
      let report = entry.route.link.resource?.guest.flatMap { controller.report(of: $0) }
      if report?.state == "failed" { throw .dependency(dependency.alias, report?.cause ?? "its start has failed") }
      guard ContinuousClock.now < end, (try? await Task.sleep(for: Self.pause)) != nil else {
        throw .dependency(dependency.alias, "it is not up in time")
      }
    }
  }

  private func isUp(_ dependency: WakePolicy.Dependency, _ entry: RegistrySnapshot.Entry) -> Bool {
    if let guest = entry.route.link.resource?.guest, let report = controller.report(of: guest), report.state != "ready"
    {
      return false
    }
    return !dependency.mustBeHealthy || registry.snapshot.entry(entry.key)?.route.health.report.status == .healthy
  }
}
