package import FoundationEssentials
import NIOSSL
import RouteModel

/// A certificate that can be served: read, checked against its key, and ready for handshakes.
package struct ServerCertificate: Sendable {
  package let files: CertificateFiles
  /// The names it is for, folded; `*.home.example` matches one label. The CN if it has no other names.
  package let names: [String]
  /// In seconds since 1970.
  package let notAfter: Int
  /// Whether every user of the machine can read the key.
  package let isKeyReadableByAll: Bool
  let contexts: ServerContexts

  /// Reads both files; blocks on the disk.
  package init(_ files: CertificateFiles) throws(InvalidCertificate) {
    let chain = try Self.chain(files.certificate)
    let file = try Self.read(.key, files.key)
    let key = try Self.key(file, files.key)
    guard let leaf = chain.first else { throw .noCertificate(files.certificate) }
    self.files = files
    names = Self.names(of: leaf)
    notAfter = Int(leaf.notValidAfter)
    isKeyReadableByAll = file.isReadableByAll
    do {
      contexts = try ServerContexts(Self.configuration(chain, key))
    } catch NIOSSLError.failedToLoadPrivateKey {
      throw .mismatch(files)
    } catch {
      throw .unusable(files.certificate, "\(error)")
    }
  }

  private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    // The suites of TLS 1.2 with forward secrecy and authenticated encryption, as HTTP/2 requires (RFC 9113 §9.2.2).
    configuration.cipherSuites = "ECDH+AESGCM:ECDH+CHACHA20"
    return configuration
  }

  private static func chain(_ path: String) throws(InvalidCertificate) -> [NIOSSLCertificate] {
    let file = try read(.certificate, path)
    do { return try NIOSSLCertificate.fromPEMBytes(file.bytes) } catch { throw .noCertificate(path) }
  }

  private static func key(_ file: PEMFile, _ path: String) throws(InvalidCertificate) -> NIOSSLPrivateKey {
    do {
      return try NIOSSLPrivateKey(bytes: file.bytes, format: .pem)
    } catch {
      // `-----BEGIN ENCRYPTED PRIVATE KEY-----`, or `Proc-Type: 4,ENCRYPTED` inside older ones.
      let isEncrypted = String(decoding: file.bytes, as: UTF8.self).contains("ENCRYPTED")
      throw isEncrypted ? .encryptedKey(path) : .noKey(path)
    }
  }

  private static func read(
    _ part: InvalidCertificate.Part, _ path: String
  ) throws(InvalidCertificate) -> PEMFile {
    let file: PEMFile
    do { file = try PEMFile(path: path) } catch { throw .unreadable(part, path, error.reason) }
    // The PEM readers below force-unwrap the first byte.
    if file.bytes.isEmpty { throw part == .certificate ? .noCertificate(path) : .noKey(path) }
    return file
  }

  private static func names(of leaf: NIOSSLCertificate) -> [String] {
    let names = leaf._subjectAlternativeNames().filter { $0.nameType == .dnsName }
      .map { String(decoding: $0.contents, as: UTF8.self) }
    if !names.isEmpty { return names.map(HostName.fold) }
    let commonName = (try? leaf.toDERBytes()).flatMap { DERCertificate($0)?.commonName }
    return commonName.map { [HostName.fold($0)] } ?? []
  }
}

extension ServerCertificate {
  /// The day of expiry, such as `2026-01-31` (UTC); nil if it is not expired.
  package func expired(at now: Date) -> String? {
    let end = Date(timeIntervalSince1970: TimeInterval(notAfter))
    return end < now ? end.formatted(Date.ISO8601FormatStyle().year().month().day()) : nil
  }
}

/// A certificate chain and its private key, as PEM files.
package struct CertificateFiles: Hashable, Sendable {
  package var certificate: String
  package var key: String

  package init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
}

/// The TLS contexts of one certificate, by the protocols they offer.
struct ServerContexts {
  /// Offers the protocols of the reverse proxy.
  let http: NIOSSLContext
  /// Offers no protocol (ALPN, RFC 7301): that of a stream's upstream is unknown, and a client would use HTTP/2 if it
  /// were offered.
  let stream: NIOSSLContext

  init(_ configuration: TLSConfiguration) throws {
    var configuration = configuration
    configuration.applicationProtocols = []
    stream = try NIOSSLContext(configuration: configuration)
    configuration.applicationProtocols = ["h2", "http/1.1"]
    http = try NIOSSLContext(configuration: configuration)
  }
}
