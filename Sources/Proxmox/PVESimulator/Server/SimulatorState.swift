import Synchronization

/// The state that all connections of a simulator share.
final class SimulatorState: Sendable {
  let configuration: PVESimulator.Configuration
  let certificates: CertificateBook
  let tickets = TicketBook()
  let log = RequestLog()
  let cluster: Mutex<SimulatedCluster>
  private let faults = Mutex<[Fault]>([])

  init(cluster: SimulatedCluster, configuration: PVESimulator.Configuration) {
    self.cluster = Mutex(cluster)
    self.configuration = configuration
    certificates = CertificateBook(addresses: configuration.addresses, days: configuration.certificateDays)
  }

  /// The certificate for an address of this machine: that of the node with the address, else of the first one.
  func issued(on address: String?) throws -> CertificateBook.Issued {
    let node = cluster.withLock { cluster in
      cluster.nodes.first { $0.address == address && address != nil } ?? cluster.nodes.first
    }
    return try certificates.issued(to: node ?? SimulatedNode(name: "pve"))
  }

  func fingerprint(of node: SimulatedNode) -> String? { try? certificates.issued(to: node).certificate.fingerprint }

  func inject(_ fault: Fault) { faults.withLock { $0.append(fault) } }
  func clearFaults() { faults.withLock { $0.removeAll() } }

  /// The fault for this request, if any; the one injected first is used first.
  func nextFault(for request: SimulatorRequest) -> Fault.Kind? {
    faults.withLock { faults in
      guard let index = faults.firstIndex(where: { $0.times != 0 && $0.matches(request) }) else { return nil }
      if let times = faults[index].times { faults[index].times = times - 1 }
      return faults[index].kind
    }
  }

  /// The node that answers on an address of this machine: the one that has it, else the first one online.
  func localNode(on address: String?) -> SimulatedNode? {
    cluster.withLock { cluster in
      cluster.nodes.first { $0.address == address && address != nil }
        ?? cluster.nodes.first(where: \.isOnline) ?? cluster.nodes.first
    }
  }

  /// The answer from the present state of the cluster, before any fault.
  func answer(to request: SimulatorRequest) -> SimulatorResponse {
    guard ["GET", "POST", "PUT", "DELETE"].contains(request.method) else {
      let refusal = Refusal(status: 501, reason: "method '\(request.method)' not available", body: .empty)
      return .refusal(refusal, version: cluster.withLock(\.version))
    }
    guard let segments = request.segments else { return webInterface(request) }
    let cluster = cluster.withLock { cluster in
      cluster.settle(at: .now)
      return cluster
    }
    do {
      return try answer(to: request, segments: segments, cluster: cluster)
    } catch {
      var answer = SimulatorResponse.refusal(error, version: cluster.version)
      answer.delay = configuration.delay(error.delay)
      return answer
    }
  }

  private func answer(
    to request: SimulatorRequest, segments: [String], cluster: SimulatedCluster
  ) throws(Refusal) -> SimulatorResponse {
    let authenticator = Authenticator(cluster: cluster, tickets: tickets)
    if segments == ["access", "ticket"], request.method == "POST" {
      return .data(try authenticator.login(request), isProtected: true)
    }
    let isPublic = apiMethods.contains { $0.isPublic && $0.match(request.method, segments) != nil }
    let caller = isPublic ? .anonymous : try authenticator.caller(of: request)
    for apiMethod in apiMethods {
      guard let path = apiMethod.match(request.method, segments) else { continue }
      if let unknown = request.parameters.keys.sorted().first(where: { !apiMethod.parameters.contains($0) }) {
        throw .invalid(
          unknown, "property is not defined in schema and the schema does not allow additional properties")
      }
      let call = APICall(
        request: request, cluster: cluster, caller: caller, fingerprint: { self.fingerprint(of: $0) },
        updateCluster: { change in self.cluster.withLock { change(&$0) } })
      return .data(try apiMethod.answer(call, path), isProtected: apiMethod.isProtected)
    }
    throw .notImplemented(request.method, request.apiPath)
  }

  /// The answer to a browser, or to a probe of a node's web interface.
  private func webInterface(_ request: SimulatorRequest) -> SimulatorResponse {
    guard request.method == "GET", request.path == "/" else {
      return .page("", status: 404, reason: "no such file '\(request.path)'")
    }
    return .page("<!DOCTYPE html><html><head><title>Proxmox Virtual Environment</title></head><body></body></html>\n")
  }
}
