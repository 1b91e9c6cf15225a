import PeerTrust
import Testing

@testable import HTTPTransport

@Suite struct HTTPTransportErrorTests {
  @Test(arguments: [
    (HTTPTransportError.nameNotResolved(host: "pve1"), "'pve1'"),
    (.connectionRefused(address: "127.0.0.1:8006"), "127.0.0.1:8006 refused"),
    (.cannotConnect(address: "/run/x", reason: "No such file"), "/run/x: No such file"),
    (.timedOut(phase: "TLS handshake", after: .milliseconds(2500)), "after 2.5 s (TLS handshake)"),
    (.fingerprintMismatch(presented: nil), "no certificate"),
    (.certificateNotTrusted(.expired(notAfter: nil)), "it has expired"),
    (.certificateNotTrusted(.expired(notAfter: 1_700_000_000)), "it expired on 2023-11-14"),
    (.bodyTooLarge(limit: 5), "5 bytes"), (.invalidHeader(name: "X A"), "'X A'"),
    (.cancelled, "was cancelled"), (.closed, "shut down"),
  ])
  func saysWhatHappened(error: HTTPTransportError, words: String) {
    #expect("\(error)".contains(words))
  }

  @Test func showsTheFingerprintToPin() throws {
    let fingerprint = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 0xAB, count: 32)))
    #expect("\(HTTPTransportError.fingerprintMismatch(presented: fingerprint))".contains("AB:AB:AB"))
  }

  @Test(arguments: [
    (Duration.milliseconds(300), "300 ms"), (.seconds(5), "5 s"), (.milliseconds(1250), "1.25 s"), (.zero, "0 ms"),
  ])
  func writesDurationsInWords(duration: Duration, words: String) {
    #expect(duration.inWords == words)
  }

  @Test(arguments: [
    (Duration.microseconds(1), 1), (.milliseconds(300), 300), (.zero, 0), (.seconds(Int64.max), Int.max),
    (.nanoseconds(-1_500_000), -1),
  ])
  func countsMillisecondsUpwards(duration: Duration, milliseconds: Int) {
    #expect(duration.milliseconds(rounding: .up) == milliseconds)
  }

  @Test func quotesNoControlCharacterOfAPeer() {
    #expect("a\u{1B}[31m b\r\nc\u{9B}".withoutControlCharacters == "a [31m b c")
  }
}
