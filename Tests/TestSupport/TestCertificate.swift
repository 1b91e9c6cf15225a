import Foundation

/// A certificate made by the `openssl` program for one test, with the folder of its files.
package final class TestCertificate: Sendable {
  package enum Validity: Sendable { case current, expired }
  /// What kind of key it has, in the words of `openssl req -newkey`.
  package enum Key: Sendable, CaseIterable {
    case p256, p384, p521, ed25519, rsa, rsaPSS

    fileprivate var options: [String] {
      switch self {
      case .p256: ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
      case .p384: ["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"]
      case .p521: ["ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"]
      case .ed25519: ["ed25519"]
      case .rsa: ["rsa:2048"]
      case .rsaPSS: ["rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"]
      }
    }
  }

  private let folder: TemporaryDirectory
  package let certificateFile: String
  package let keyFile: String
  /// Upper-case hex with colons, as printed by `openssl x509 -fingerprint -sha256`.
  package let fingerprint: String

  /// Seconds since 1970.
  package let notAfter: Int

  /// The file that a server loads.
  package var chainFile: String { certificateFile }

  /// Self-signed, or signed by `issuer`; `names` in OpenSSL's notation (`DNS:localhost`, `IP:127.0.0.1`).
  package init(
    names: [String] = ["DNS:localhost", "IP:127.0.0.1"], issuer: TestCertificate? = nil, isAuthority: Bool = false,
    validity: Validity = .current, key: Key = .p256
  ) throws {
    folder = try TemporaryDirectory()
    certificateFile = folder.file("certificate.pem")
    keyFile = folder.file("key.pem")
    let request = folder.file("request.pem")
    var extensions = "basicConstraints=critical,CA:\(isAuthority ? "TRUE" : "FALSE")\n"
    if !isAuthority { extensions += "subjectAltName=\(names.joined(separator: ","))\n" }
    let extensionFile = try folder.write(extensions, to: "extensions.cnf")
    try Self.openssl(
      ["req", "-new", "-newkey"] + key.options + [
        "-nodes", "-keyout", keyFile,
        "-subj", "/CN=\(isAuthority ? "Test CA \(UUID().uuidString)" : "test server")", "-out", request,
      ])
    let signer = issuer.map { ["-CA", $0.certificateFile, "-CAkey", $0.keyFile] } ?? ["-signkey", keyFile]
    try Self.openssl(
      [
        "x509", "-req", "-in", request, "-sha256", "-extfile", extensionFile, "-out", certificateFile,
        "-set_serial", "\(UInt32.random(in: 1...UInt32.max))", "-days", validity == .current ? "2" : "-1",
      ] + signer)
    fingerprint = try Self.tell(certificateFile, "-fingerprint", "-sha256")
    let end = try Self.tell(certificateFile, "-enddate", "-dateopt", "iso_8601")
    notAfter = Int(try Date(end.replacing(" ", with: "T"), strategy: .iso8601).timeIntervalSince1970)
  }

  /// The part after the `=` of openssl's answer.
  private static func tell(_ file: String, _ questions: String...) throws -> String {
    let told = try openssl(["x509", "-in", file, "-noout"] + questions)
    return told.split(separator: "=").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
  }

  @discardableResult
  private static func openssl(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let (output, complaints) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = complaints
    try process.run()
    let told = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = complaints.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw OpenSSLFailed(arguments: arguments, complaint: String(decoding: complaint, as: UTF8.self))
    }
    return String(decoding: told, as: UTF8.self)
  }
}

package struct OpenSSLFailed: Error, CustomStringConvertible {
  var arguments: [String]
  var complaint: String
  package var description: String { "openssl \(arguments.joined(separator: " ")): \(complaint)" }
}
