import HTTPTransport
import RouteModel

/// Runs one probe: the scheduler's only access to the network.
protocol Prober: Sendable {
  /// - Parameter memory: the knowledge from earlier probes of the same target.
  func probe(_ target: ProbeTarget, memory: ProbeMemory) async -> ProbeResult
}

/// The knowledge that the next probe of a target reuses.
struct ProbeMemory: Hashable, Sendable {
  /// The target answered HEAD with 501 or 405, so it is probed with GET.
  var refusesHead = false
}

struct ProbeResult: Hashable, Sendable {
  var outcome: ProbeOutcome
  var memory = ProbeMemory()
  /// The phases of a successful probe.
  var phases: ProbePhases?
  /// When the server's certificate expires, in seconds since 1970.
  var certificateEnd: Int?
}

/// Probes real upstreams with the probe for the route's scheme.
struct UpstreamProber: Prober {
  private let http: HTTPProbe
  private let tcp: TCPProbe
  private let udp: UDPProbe
  private let fileServer = FileServerProbe()

  init(client: HTTPClient) {
    http = HTTPProbe(client: client)
    tcp = TCPProbe(client: client)
    udp = UDPProbe(client: client)
  }

  func probe(_ target: ProbeTarget, memory: ProbeMemory) async -> ProbeResult {
    switch target.upstream {
    case .network(let scheme, let host, let port):
      switch scheme {
      case .http, .https, .h2c: await http.probe(target, memory: memory)
      case .tcp: await tcp.probe(host: host, port: port, timeout: target.timeout)
      case .udp: await udp.probe(host: host, port: port, question: target.question, timeout: target.timeout)
      case .fileserver: ProbeResult(outcome: .impossible(reason: "a file server has a folder, not a host"))
      }
    case .files(let root): ProbeResult(outcome: await fileServer.probe(root: root, timeout: target.timeout))
    }
  }
}
