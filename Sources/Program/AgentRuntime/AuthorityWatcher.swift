import PeerTrust
import RouteModel
import RouteRegistry
import ServiceLifecycle

/// Has the CA files of the routes read before their first connections, and again after a change.
struct AuthorityWatcher: Service {
  var interval = Duration.seconds(5)
  let registry: RouteRegistry
  /// Called with the CA files of all served routes, at the start and after each interval; must not block.
  let refresh: @Sendable (Set<String>) -> Void

  func run() async {
    await cancelWhenGracefulShutdown {
      var generation: UInt64?
      var files: Set<String> = []
      repeat {
        if generation != registry.generation {
          let snapshot = registry.snapshot
          generation = snapshot.generation
          files = Set(snapshot.active.compactMap(\.route.caFile))
        }
        refresh(files)
      } while (try? await Task.sleep(for: interval)) != nil
    }
  }
}

extension Route {
  /// The PEM file with the CAs that may have signed the upstream's certificate.
  fileprivate var caFile: String? { if case .caFile(let path) = trust { path } else { nil } }
}
