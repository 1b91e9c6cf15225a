import PeerTrust
import YAMLDocument

/// Reads `tls:` of a cluster or webhook: the certificates that the agent trusts.
struct TrustReader {
  /// The kind of peer, which determines where a person finds its certificate.
  enum Peer { case node, webhook }

  let entry: YAMLMapping
  let context: ConfigurationContext
  var peer = Peer.node

  /// Without `tls:`, the system's CAs; nil if it is invalid.
  func read() -> TrustPolicy? {
    guard entry.node("tls") != nil else { return .systemRoots }
    return entry.mapping("tls") { tls in policy(tls) } ?? nil
  }

  private func policy(_ tls: YAMLMapping) -> TrustPolicy? {
    let fingerprints = fingerprints(tls)
    let caFile = tls.text("ca_file").flatMap(readableCAFile)
    let isInsecure = tls.bool("insecure")
    let given = tls.accept(["fingerprint", "ca_file"]).map(\.key) + (isInsecure == true ? ["insecure"] : [])
    if given.count > 1 {
      context.reader.report(
        "tls takes exactly one of fingerprint, ca_file and insecure, found \(given.joined(separator: " and "))",
        at: tls.position)
      return nil
    }
    switch given.first {
    case "fingerprint": return fingerprints.map(TrustPolicy.fingerprints)
    case "ca_file": return caFile.map(TrustPolicy.caFile)
    case "insecure":
      context.warn(
        "insecure: whoever is between agent and \(peer == .node ? "node" : "server") can read the token; "
          + "pin the certificate with fingerprint instead",
        at: tls.position(of: "insecure"))
      return .insecure
    default: return .systemRoots
    }
  }

  private func fingerprints(_ tls: YAMLMapping) -> [CertificateFingerprint]? {
    guard let texts = tls.strings("fingerprint") else { return nil }
    if texts.isEmpty { context.reader.report("fingerprint is empty", at: tls.position(of: "fingerprint")) }
    let fingerprints = texts.compactMap { text in
      let fingerprint = CertificateFingerprint(text.value)
      if fingerprint == nil { context.reader.report(problem(with: text), at: text.position) }
      return fingerprint
    }
    return fingerprints.count == texts.count ? fingerprints : nil
  }

  private func problem(with text: YAMLText) -> String {
    let digits = text.value.count { $0.isHexDigit }
    let isHex = text.value.allSatisfy { $0.isHexDigit || $0 == ":" }
    let found = isHex ? "\(digits) hex digits\(digits == 40 ? ", a SHA-1" : "")" : "'\(text.written)'"
    let gui = peer == .node ? "the PVE GUI shows it under Node, System, Certificates, or " : ""
    return "fingerprint must be the certificate's SHA-256, 64 hex digits, found \(found): "
      + "\(gui)run 'openssl s_client -connect \(peer == .node ? "NODE:8006" : "HOST:PORT") </dev/null "
      + "| openssl x509 -noout -fingerprint -sha256'"
  }

  private func readableCAFile(_ text: YAMLText) -> String? {
    let path = context.willRead(text.value)
    do {
      if try TextFile(path: path).text.contains("-----BEGIN CERTIFICATE-----") { return path }
      context.reader.report(
        "'\(path)' holds no PEM certificate: \(sourceOfCA)", at: text.position)
    } catch {
      context.reader.report(
        "cannot read '\(path)' (\(error)): \(sourceOfCA)", at: text.position)
    }
    return nil
  }

  private var sourceOfCA: String {
    peer == .node
      ? "copy /etc/pve/pve-root-ca.pem from a node" : "it must hold the CA that signed the server's certificate"
  }
}
