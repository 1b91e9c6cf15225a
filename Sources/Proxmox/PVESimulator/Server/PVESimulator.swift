import Synchronization

/// A small honest PVE cluster over HTTPS on loopback, for `demo`, tests and benchmarks.
///
/// It answers as pveproxy does (statuses, reason phrases, headers, connection rules) from a ``SimulatedCluster`` that
/// its owner changes at will. It stops with ``shutdown()``, or when it is let go.
package final class PVESimulator: Sendable {
  /// The same on every address.
  package let port: UInt16
  private let state: SimulatorState
  private let listener: Listener

  private init(port: UInt16, state: SimulatorState, listener: Listener) {
    (self.port, self.state, self.listener) = (port, state, listener)
  }

  deinit { listener.closeSoon() }

  /// Makes the certificates and listens. Throws ``SimulatorError``, or NIO's error where an address cannot be bound.
  package static func start(
    cluster: SimulatedCluster, configuration: Configuration = Configuration()
  ) async throws -> PVESimulator {
    let nodeAddresses = cluster.nodes.compactMap(\.address)
    let state = SimulatorState(cluster: cluster, configuration: configuration)
    var addresses = configuration.addresses
    if configuration.listensOnNodes { addresses += nodeAddresses.filter { !addresses.contains($0) } }
    let listener = Listener(addresses: addresses, state: state)
    let port = try await listener.open(port: configuration.port)
    // What is asked for later is there then.
    for node in cluster.nodes { _ = try state.certificates.issued(to: node) }
    return PVESimulator(port: port, state: state, listener: listener)
  }

  /// Closes the listeners and every connection.
  package func shutdown() async { await listener.close() }

  /// Goes away as a cluster does whose hosts are switched off; clients find the port closed.
  package func pause() async { await listener.close() }

  /// Comes back at the same port.
  package func resume() async throws { _ = try await listener.open(port: port) }
}

// How to reach it.
extension PVESimulator {
  /// `https://127.0.0.1:PORT`, at the first of its addresses.
  package var url: String { url(on: state.configuration.addresses.first ?? "127.0.0.1") }

  package func url(on address: String) -> String {
    "https://\(address.contains(":") ? "[\(address)]" : address):\(port)"
  }

  /// The certificates of all nodes, one after the other: as each signed itself, they are the CAs too.
  package var certificatePEM: String {
    cluster.nodes.compactMap { try? state.certificates.issued(to: $0).certificate.certificatePEM }.joined()
  }
  /// SHA-256 of the certificate of the first node, as PVE's GUI shows it: upper-case hex with colons. It is the one at
  /// every address that is no node's.
  package var fingerprint: String { cluster.nodes.first.flatMap(state.fingerprint) ?? "" }
  /// The same of any node.
  package func fingerprint(of node: String) -> String { cluster.node(node).flatMap(state.fingerprint) ?? "" }
  /// Gives a node another certificate; connections that are open keep theirs.
  package func renewCertificate(of node: String) { state.certificates.renew(node) }
}

// Its cluster, its faults and what it was asked.
extension PVESimulator {
  /// Changes the cluster; the next request sees it.
  @discardableResult
  package func update<Result: Sendable, Failure: Error>(
    _ change: (inout SimulatedCluster) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try state.cluster.withLock { cluster throws(Failure) in
      cluster.settle(at: .now)
      return try change(&cluster)
    }
  }

  /// The cluster as it is now.
  package var cluster: SimulatedCluster { update { $0 } }

  /// Makes something go wrong from the next matching request on.
  package func inject(_ fault: Fault) { state.inject(fault) }
  package func clearFaults() {
    state.clearFaults()
    listener.breakConnections(nil)
  }
  /// Makes something go wrong with every connection, until the faults are cleared. Throws where no certificate can be
  /// made.
  package func breakConnections(_ fault: ConnectionFault) throws {
    listener.breakConnections(try PreparedConnectionFault(fault))
  }
  /// Makes every ticket invalid at once, as a reinstalled key does.
  package func forgetTickets() { state.tickets.forgetAll() }

  /// In the order of their arrival, the last 100,000.
  package func requests() -> [SimulatedRequest] { state.log.current.requests }
  /// TCP connections accepted.
  package var connectionCount: Int { state.log.current.connections }
  /// Requests that carried an `Authorization` or a `Cookie` header.
  package var credentialCount: Int { state.log.current.credentials }
  /// Forgets the requests and sets both counts to zero.
  package func clearRequests() { state.log.clear() }
}
