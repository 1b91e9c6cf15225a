import Synchronization

/// A simulated PVE cluster over HTTPS on loopback, for `demo`, tests and benchmarks.
///
/// It answers as pveproxy does (statuses, reason phrases, headers, connection rules) from a ``SimulatedCluster`` that
/// its owner may change. It stops with ``shutdown()``, or when it is released.
package final class PVESimulator: Sendable {
  /// The same on every address.
  package let port: UInt16
  private let state: SimulatorState
  private let listener: SimulatorListener

  private init(port: UInt16, state: SimulatorState, listener: SimulatorListener) {
    (self.port, self.state, self.listener) = (port, state, listener)
  }

  deinit { listener.closeSoon() }

  /// Creates the certificates and listens. Throws ``SimulatorError``, or NIO's error if an address cannot be bound.
  package static func start(
    cluster: SimulatedCluster, configuration: Configuration = Configuration()
  ) async throws -> PVESimulator {
    let nodeAddresses = cluster.nodes.compactMap(\.address)
    let state = SimulatorState(cluster: cluster, configuration: configuration)
    var addresses = configuration.addresses
    if configuration.listensOnNodes { addresses += nodeAddresses.filter { !addresses.contains($0) } }
    let listener = SimulatorListener(addresses: addresses, state: state)
    let port = try await listener.open(port: configuration.port)
    // Created now, so that later requests need not wait for them.
    for node in cluster.nodes { _ = try state.certificates.issued(to: node) }
    return PVESimulator(port: port, state: state, listener: listener)
  }

  /// Closes the listeners and every connection.
  package func shutdown() async { await listener.close() }

  /// Closes all listeners, as if the hosts were switched off; clients find the port closed.
  package func pause() async { await listener.close() }

  /// Listens again at the same port. Waits for it for up to ten seconds: a process that is being started holds a copy of
  /// the closed socket until it has become another program.
  package func resume() async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do {
        _ = try await listener.open(port: port)
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        await listener.close()
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }
}

// Addresses and certificates.
extension PVESimulator {
  /// `https://127.0.0.1:PORT`, at the first of its addresses.
  package var url: String { url(on: state.configuration.addresses.first ?? "127.0.0.1") }

  package func url(on address: String) -> String {
    "https://\(address.contains(":") ? "[\(address)]" : address):\(port)"
  }

  /// The certificates of all nodes; each is self-signed, so they are the CAs too.
  package var certificatePEM: String {
    cluster.nodes.compactMap { try? state.certificates.issued(to: $0).certificate.certificatePEM }.joined()
  }
  /// The SHA-256 fingerprint of the first node's certificate, as PVE's GUI shows it: upper-case hex with colons. This
  /// certificate is used at every address that is no node's.
  package var fingerprint: String { cluster.nodes.first.flatMap(state.fingerprint) ?? "" }
  /// The same for any node.
  package func fingerprint(of node: String) -> String { cluster.node(node).flatMap(state.fingerprint) ?? "" }
  /// Gives a node a new certificate; open connections keep the old one.
  package func renewCertificate(of node: String) { state.certificates.renew(node) }
}

// The cluster, faults and recorded requests.
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

  /// The present cluster.
  package var cluster: SimulatedCluster { update { $0 } }

  /// Adds a fault, from the next matching request on.
  package func inject(_ fault: Fault) { state.inject(fault) }
  package func clearFaults() {
    state.clearFaults()
    listener.breakConnections(nil)
  }
  /// Applies a fault to every connection until the faults are cleared. Throws if no certificate can be created.
  package func breakConnections(_ fault: ConnectionFault) throws {
    listener.breakConnections(try PreparedConnectionFault(fault))
  }
  /// Invalidates all tickets, as a reinstalled key does.
  package func forgetTickets() { state.tickets.forgetAll() }

  /// In the order of arrival, the last 100,000.
  package func requests() -> [SimulatedRequest] { state.log.current.requests }
  /// The number of accepted TCP connections.
  package var connectionCount: Int { state.log.current.connections }
  /// The number of requests with an `Authorization` or `Cookie` header.
  package var credentialCount: Int { state.log.current.credentials }
  /// Removes the recorded requests and resets both counts.
  package func clearRequests() { state.log.clear() }
}

/// Why a simulator could not start.
package enum SimulatorError: Error, CustomStringConvertible {
  case noCertificate(String)
  /// No port was free on all addresses at once.
  case noCommonPort(addresses: [String])

  package var description: String {
    switch self {
    case .noCertificate(let reason): "cannot make a certificate for the simulated cluster: \(reason)"
    case .noCommonPort(let addresses):
      "found no port that is free on each of \(addresses.joined(separator: ", ")): choose other addresses"
    }
  }
}
