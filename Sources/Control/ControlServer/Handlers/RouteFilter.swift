import RouteModel
import RouteRegistry

/// The filters of `/v1/routes`: values of one parameter are alternatives, several parameters must all hold.
struct RouteFilter: Sendable {
  static let parameters = [
    QueryParameter("provider", isRepeatable: true), QueryParameter("pool", of: RoutePool.self, isRepeatable: true),
    QueryParameter("status", of: HealthStatus.self, isRepeatable: true), QueryParameter("node", isRepeatable: true),
    QueryParameter("vmid", .numbers(vmidRange), isRepeatable: true), QueryParameter("cluster", isRepeatable: true),
  ]
  /// 0 is a node; PVE gives guests up to 999999999.
  private static let vmidRange: ClosedRange<UInt64> = 0...999_999_999

  private var providers: [String]
  private var pools: [RoutePool]
  private var statuses: [HealthStatus]
  private var nodes: [String]
  private var vmids: [Int]
  private var clusters: [String]
  private let includesAll: Bool

  init(_ query: RequestQuery) throws(APIFailure) {
    providers = query.all("provider")
    pools = try query.all("pool", as: RoutePool.self)
    statuses = try query.all("status", as: HealthStatus.self)
    nodes = query.all("node")
    vmids = try query.allNumbers("vmid", in: Self.vmidRange).map(Int.init)
    clusters = query.all("cluster")
    includesAll = query.isEmpty
  }

  func includes(_ entry: RegistrySnapshot.Entry) -> Bool {
    guard !includesAll else { return true }
    let route = entry.registered.route
    let resource = route.link.resource
    return Self.holds(providers, route.provider.text) && Self.holds(pools, route.pool)
      && Self.holds(statuses, route.health.status) && Self.holds(nodes, resource?.node.name)
      && Self.holds(vmids, resource.map { $0.guest?.vmid ?? 0 }) && Self.holds(clusters, resource?.cluster)
  }

  private static func holds<Value: Equatable>(_ wanted: [Value], _ found: Value?) -> Bool {
    wanted.isEmpty || found.map { wanted.contains($0) } ?? false
  }
}
