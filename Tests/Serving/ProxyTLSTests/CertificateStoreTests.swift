import Foundation
import TestSupport
import Testing

@testable import ProxyTLS

/// The choice of a client's certificate, and the effect of changed files.
@Suite(.timeLimit(.minutes(5))) struct CertificateStoreTests {
  private let folder: TemporaryDirectory
  private let book = LogBook()

  init() throws { folder = try TemporaryDirectory() }

  /// Replaces a pair in the folder as editors and ACME clients do: by rename.
  @discardableResult
  private func install(_ certificate: TestCertificate, as name: String, key: TestCertificate? = nil) throws
    -> CertificateFiles
  {
    let files = CertificateFiles(certificate: folder.file("\(name).pem"), key: folder.file("\(name).key"))
    try replace(files.certificate, by: certificate.certificateFile)
    try replace(files.key, by: (key ?? certificate).keyFile)
    return files
  }

  private func replace(_ path: String, by source: String) throws {
    let new = path + ".new"
    try FileManager.default.copyItem(atPath: source, toPath: new)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: new)
    _ = rename(new, path)
  }

  @Test func servesTheCertificateOfTheNameThatIsAskedFor() async throws {
    let first = try TestCertificate(names: ["DNS:home.example", "DNS:www.home.example"])
    let wild = try TestCertificate(names: ["DNS:*.Lab.Example"])
    let exact = try TestCertificate(names: ["DNS:nas.lab.example"])
    let files = [("a", first), ("b", wild), ("c", exact)]
    let store = try CertificateStore(files.map { try install($0.1, as: $0.0) }, logger: book.logger)
    let server = try await TLSServer(store)
    let expected = [
      ("home.example", first), ("WWW.Home.Example", first), ("plex.lab.example", wild), ("nas.lab.example", exact),
      // A wildcard matches one label, not none.
      ("a.b.lab.example", first), ("lab.example", first), ("elsewhere.test", first), (nil, first),
    ]
    for (name, certificate) in expected {
      let found = try await TLSClient.fingerprint(at: server.port, for: name)
      #expect(found == certificate.fingerprint, "\(name ?? "without SNI")")
    }
    #expect(book.lines.isEmpty)
  }

  @Test func takesTheCommonNameWhereThereIsNoOther() throws {
    // A CA's certificate has no alternative names here.
    let authority = try TestCertificate(isAuthority: true)
    let certificate = try ServerCertificate(install(authority, as: "a"))
    #expect(certificate.names.count == 1)
    #expect(certificate.names.first?.hasPrefix("test ca ") == true)
    #expect(try ServerCertificate(install(TestCertificate(), as: "b")).names == ["localhost"])
  }

  @Test func ofTwoCertificatesForANameTheFirstServes() async throws {
    let (first, second) = (try TestCertificate(), try TestCertificate())
    let store = try CertificateStore([install(first, as: "a"), install(second, as: "b")], logger: book.logger)
    let server = try await TLSServer(store)
    #expect(try await TLSClient.fingerprint(at: server.port, for: "localhost") == first.fingerprint)
  }

  @Test func withoutCertificatesThereIsNoneToServe() throws {
    let store = try CertificateStore([], logger: book.logger)
    #expect(store.context(forServername: "localhost") == nil)
    #expect(store.fingerprint().isEmpty)
  }

  @Test func servesARenewedCertificateOnceItWasReadAgain() async throws {
    let (old, new) = (try TestCertificate(), try TestCertificate())
    let store = try CertificateStore([install(old, as: "a")], logger: book.logger)
    let server = try await TLSServer(store)
    let before = store.fingerprint()
    store.refresh()
    #expect(book.lines.isEmpty, "nothing changed")
    try install(new, as: "a")
    #expect(store.fingerprint() != before)
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == old.fingerprint)
    store.refresh()
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == new.fingerprint)
    #expect(
      book.lines == ["info: certificate read again certificate=\(folder.file("a.pem")) names=localhost"])
  }

  /// As certbot does: `live/a.pem` is a link into `archive/`, and a renewal changes it.
  @Test func followsALinkThatIsTurned() async throws {
    let (old, new) = (try TestCertificate(), try TestCertificate())
    let link = CertificateFiles(certificate: folder.file("live.pem"), key: folder.file("live.key"))
    func turn(to certificate: TestCertificate) throws {
      for (target, path) in [(certificate.certificateFile, link.certificate), (certificate.keyFile, link.key)] {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
      }
    }
    try turn(to: old)
    let store = try CertificateStore([link], logger: book.logger)
    let before = store.fingerprint()
    try turn(to: new)
    #expect(store.fingerprint() != before)
    store.refresh()
    let server = try await TLSServer(store)
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == new.fingerprint)
  }

  @Test func aChangedPairThatCannotBeServedLeavesThePreviousOneAndIsLoggedOnce() async throws {
    let (old, new, other) = (try TestCertificate(), try TestCertificate(), try TestCertificate())
    let store = try CertificateStore([install(old, as: "a")], logger: book.logger)
    let server = try await TLSServer(store)
    try install(new, as: "a", key: other)
    for _ in 1...3 { store.refresh() }
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == old.fingerprint)
    let problem = "'\(folder.file("a.key"))' is not the key of the first certificate in '\(folder.file("a.pem"))'"
    #expect(
      book.lines == ["error: changed certificate cannot be served: the previous one stays problem=\(problem)"])
    try install(new, as: "a")
    store.refresh()
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == new.fingerprint)
  }

  @Test func filesThatVanishLeaveTheirCertificate() async throws {
    let certificate = try TestCertificate()
    let store = try CertificateStore([install(certificate, as: "a")], logger: book.logger)
    let server = try await TLSServer(store)
    try FileManager.default.removeItem(atPath: folder.file("a.key"))
    store.refresh()
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == certificate.fingerprint)
    #expect(book.lines.count == 1)
  }

  @Test func replacesAllOrNothing() async throws {
    let (old, new) = (try TestCertificate(), try TestCertificate())
    let store = try CertificateStore([install(old, as: "a")], logger: book.logger)
    let server = try await TLSServer(store)
    let good = try install(new, as: "b")
    let bad = CertificateFiles(certificate: folder.file("none.pem"), key: folder.file("none.key"))
    #expect(throws: InvalidCertificate.self) { try store.replace(with: [good, bad]) }
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == old.fingerprint)
    try store.replace(with: [good])
    #expect(try await TLSClient.fingerprint(at: server.port, for: nil) == new.fingerprint)
  }

  /// The server's choice for OpenSSL's own client with all protocols and ciphers enabled.
  @Test(
    arguments: [
      (["-tls1_3", "-alpn", "http/1.1,h2"], ["TLSv1.3", "ALPN protocol: h2"], true),
      (["-tls1_2", "-alpn", "http/1.1"], ["TLSv1.2", "ECDHE-ECDSA-AES", "ALPN protocol: http/1.1"], true),
      (["-tls1_2", "-alpn", "spdy/3"], ["TLSv1.2", "No ALPN negotiated"], true),
      (["-tls1_1"], ["alert protocol version"], false),
      (["-tls1"], ["alert protocol version"], false),
      (["-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0"], ["handshake failure"], false),
    ] as [([String], [String], Bool)])
  func agreesToWhatIsSafe(options: [String], words: [String], isAgreed: Bool) async throws {
    let store = try CertificateStore([install(TestCertificate(), as: "a")], logger: book.logger)
    let server = try await TLSServer(store)
    let weak = options.contains("-cipher") ? [] : ["-cipher", "ALL:@SECLEVEL=0"]
    let said = try await Program.run(
      "/usr/bin/openssl", ["s_client", "-connect", "127.0.0.1:\(server.port)"] + options + weak)
    #expect(words.allSatisfy { (said.output + said.errors).contains($0) }, "\(said)")
    #expect((said.status == .code(0)) == isAgreed, "\(said)")
  }
}
