import TestSupport

extension RunningAgent {
  /// Waits until the route satisfies the condition; returns the route.
  @discardableResult
  func route(
    _ alias: String, within limit: Duration = .seconds(180), _ what: String, where condition: (JSON) -> Bool
  ) async throws -> JSON {
    let last = LastSeen()
    return try await eventually(within: limit, "\(alias) \(what); it is \(last.value)") {
      let (status, route) = try await send("/v1/routes/\(alias)")
      last.value = route
      return status == 200 && condition(route) ? route : nil
    }
  }

  /// The cluster's entry in `/v1/clusters`, once it satisfies the condition.
  @discardableResult
  func cluster(_ name: String, _ what: String, where condition: (JSON) -> Bool) async throws -> JSON {
    let last = LastSeen()
    return try await eventually("cluster \(name) \(what); it is \(last.value)") {
      let cluster = try await get("/v1/clusters")["clusters"].first(where: "name", is: .string(name))
      last.value = cluster
      return condition(cluster) ? cluster : nil
    }
  }
}

private final class LastSeen {
  var value = JSON.null
}

extension String {
  /// Whether a single line contains all parts, case-insensitively.
  func hasLine(with parts: String...) -> Bool {
    split(separator: "\n").contains { line in
      parts.allSatisfy { line.lowercased().contains($0.lowercased()) }
    }
  }
}
