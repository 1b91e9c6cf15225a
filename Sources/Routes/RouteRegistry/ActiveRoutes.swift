import RouteModel

/// The routes that lookups find by an alias: at most one in each served pool.
///
/// Unretained references, so that reading and copying them is free: the table retains the routes that it contains, and
/// a caller that adds a route retains it until the table does.
struct ActiveRoutes: BitwiseCopyable, Sendable {
  typealias Reference = Unmanaged<RegisteredRoute>

  var http: Reference?
  var stream: Reference?

  var isEmpty: Bool { http == nil && stream == nil }

  func isSame(as other: Self) -> Bool { http.isSame(as: other.http) && stream.isSame(as: other.stream) }

  /// Whether the route has the alias as its key.
  func isFirst(_ route: RegisteredRoute) -> Bool { (http ?? stream).isSame(as: .passUnretained(route)) }

  /// In the order in which they may have the alias as their key.
  func forEach(_ body: (RegisteredRoute) -> Void) {
    http?._withUnsafeGuaranteedRef(body)
    stream?._withUnsafeGuaranteedRef(body)
  }
}

extension ActiveRoutes.Reference? {
  @inline(__always)
  func isRoute(_ id: RouteID) -> Bool { self?._withUnsafeGuaranteedRef { $0.route.id == id } ?? false }

  @inline(__always)
  func isRoute(as other: ActiveRoutes.Reference) -> Bool {
    other._withUnsafeGuaranteedRef { isRoute($0.route.id) }
  }

  @inline(__always)
  func isSame(as other: Self) -> Bool { self?.toOpaque() == other?.toOpaque() }
}
