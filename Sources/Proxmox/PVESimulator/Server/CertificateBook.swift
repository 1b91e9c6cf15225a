import NIOSSL
import Synchronization

/// The certificates of the nodes: each has one of its own, made when it is first needed.
final class CertificateBook: Sendable {
  struct Issued: Sendable {
    var certificate: SelfSignedCertificate
    var tls: NIOSSLContext
  }

  private let addresses: [String]
  private let days: ClosedRange<Int>
  private let issued = Mutex<[String: Issued]>([:])

  /// - Parameter addresses: hold in every certificate, besides the node's own.
  init(addresses: [String], days: ClosedRange<Int>) { (self.addresses, self.days) = (addresses, days) }

  func issued(to node: SimulatedNode) throws -> Issued {
    if let known = issued.withLock({ $0[node.name] }) { return known }
    let certificate = try SelfSignedCertificate(
      name: node.name, addresses: addresses + [node.address].compactMap(\.self), days: days)
    let new = Issued(
      certificate: certificate, tls: try NIOSSLContext(configuration: Listener.tls(certificate)))
    // Of two that were made at once the first one is the node's.
    return issued.withLock { issued in
      let kept = issued[node.name] ?? new
      issued[node.name] = kept
      return kept
    }
  }

  /// The node has another certificate from now on, as after a renewal.
  func renew(_ node: String) { issued.withLock { $0[node] = nil } }
}
