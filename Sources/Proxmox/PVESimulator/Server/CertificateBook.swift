import NIOSSL
import Synchronization

/// The certificates of the nodes: each has its own, which is created when it is first needed.
final class CertificateBook: Sendable {
  struct Issued: Sendable {
    var certificate: SelfSignedCertificate
    var tls: NIOSSLContext
  }

  private let addresses: [String]
  private let days: ClosedRange<Int>
  private let issued = Mutex<[String: Issued]>([:])

  /// - Parameter addresses: included in every certificate, besides the node's own.
  init(addresses: [String], days: ClosedRange<Int>) { (self.addresses, self.days) = (addresses, days) }

  func issued(to node: SimulatedNode) throws -> Issued {
    if let known = issued.withLock({ $0[node.name] }) { return known }
    let certificate = try SelfSignedCertificate(
      name: node.name, addresses: addresses + [node.address].compactMap(\.self), days: days)
    let new = Issued(
      certificate: certificate, tls: try NIOSSLContext(configuration: SimulatorListener.tls(certificate)))
    // If two were created at the same time, the first one is used.
    return issued.withLock { issued in
      let kept = issued[node.name] ?? new
      issued[node.name] = kept
      return kept
    }
  }

  /// Gives the node a new certificate, as after a renewal.
  func renew(_ node: String) { issued.withLock { $0[node] = nil } }
}
