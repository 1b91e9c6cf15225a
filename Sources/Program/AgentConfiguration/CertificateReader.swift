import FoundationEssentials
import ProxyTLS
import YAMLDocument

/// Reads the certificates of `proxy:` and checks that each can be served, so that a bad one is a configuration error
/// and not a client's problem.
struct CertificateReader {
  let context: ConfigurationContext

  /// The pair of `certificate` and `key`, followed by those of `certificates`.
  func read(_ proxy: YAMLMapping) -> [CertificateFiles] {
    let more = proxy.list("certificates")
    let isListed = more?.isEmpty == false || more == nil && proxy.node("certificates") != nil
    if !proxy.accept(["certificate", "key"]).isEmpty || !isListed && proxy.node("https") != nil {
      proxy.reportMissing("certificate", ": https needs it, a PEM file")
      proxy.reportMissing("key", ": https needs it, a PEM file")
    }
    let others = (more ?? []).compactMap { item in
      context.reader.mapping(item, "an entry of certificates") { entry in
        entry.reportMissing("certificate", ", a PEM file")
        entry.reportMissing("key", ", a PEM file")
        return pair(entry)
      } ?? nil
    }
    return [pair(proxy)].compactMap { $0 } + others
  }

  private func pair(_ section: YAMLMapping) -> CertificateFiles? {
    let (certificate, key) = (section.text("certificate"), section.text("key"))
    guard let certificate, let key else { return nil }
    let files = CertificateFiles(
      certificate: context.willReadCertificate(certificate.value), key: context.willReadCertificate(key.value))
    do throws(InvalidCertificate) {
      warn(of: try ServerCertificate(files), certificate, key)
      return files
    } catch {
      context.reader.report(error.description, at: error.part == .certificate ? certificate.position : key.position)
      return nil
    }
  }

  private func warn(of served: ServerCertificate, _ certificate: YAMLText, _ key: YAMLText) {
    if served.isKeyReadableByAll {
      context.warn(
        "every user can read '\(served.files.key)': chmod 640 it, and chgrp it to the agent's group", at: key.position)
    }
    if let day = served.expired(at: Date()) {
      context.warn(
        "the certificate in '\(served.files.certificate)' expired on \(day): browsers refuse it until it is renewed",
        at: certificate.position)
    }
  }
}
