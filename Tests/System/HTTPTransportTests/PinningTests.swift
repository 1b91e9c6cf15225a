import LinuxSystem
import PeerTrust
import TestSupport
import Testing

@testable import HTTPTransport

/// Certificate pins apply to new, reused and resumed connections, before anything is sent.
@Suite(.timeLimit(.minutes(5))) struct PinningTests {
  let client = HTTPClient()
  let certificate: TestCertificate
  let rightPin: CertificateFingerprint
  let wrongPin: CertificateFingerprint
  var right: TrustPolicy { .fingerprints([rightPin]) }
  var wrong: TrustPolicy { .fingerprints([wrongPin]) }
  let mismatch: HTTPTransportError

  init() throws {
    certificate = try TestCertificate(names: ["DNS:elsewhere.test"], validity: .expired)
    rightPin = try #require(CertificateFingerprint(certificate.fingerprint))
    var bytes = rightPin.bytes
    bytes[31] ^= 1
    wrongPin = try #require(CertificateFingerprint(bytes: bytes))
    mismatch = .fingerprintMismatch(presented: rightPin)
  }

  @Test func acceptsThePinnedCertificateWhateverItSays() async throws {
    let server = try await ScriptedServer(certificate: certificate)
    var request = server.request(trust: right)
    request.maxIdleTime = .seconds(300)
    for _ in 1...2 { #expect(try await client.send(request).status == 200) }
    #expect(try await server.events(.connection).count == 1)
  }

  @Test func acceptsAnyOfSeveralPins() async throws {
    let server = try await ScriptedServer(certificate: certificate)
    #expect(try await client.send(server.request(trust: .fingerprints([wrongPin, rightPin]))).status == 200)
  }

  @Test func sendsNothingToAnyOther() async throws {
    let server = try await ScriptedServer(certificate: certificate)
    for trust in [wrong, .fingerprints([])] {
      await #expect(throws: mismatch) { try await client.send(server.request(trust: trust)) }
    }
    _ = try await eventually("both connections are closed") { try await server.events(.closed).count == 2 ? true : nil }
    #expect(try await server.events(.closed).allSatisfy { $0.received == 0 })
    #expect(try await server.events(.request).isEmpty)
  }

  @Test func sendsNothingInClearText() async throws {
    let server = try await ScriptedServer()
    var request = HTTPRequest(.get, server.url())
    request.trust = right
    await #expect(throws: HTTPTransportError.fingerprintMismatch(presented: nil)) { try await client.send(request) }
    #expect(try await server.events(.connection).isEmpty)
  }

  @Test(arguments: [[], ["Connection: close"]])
  func refusesAWrongPinAfterARightOne(headers: [String]) async throws {
    let server = try await ScriptedServer(["*": [.answer(headers: headers)]], certificate: certificate)
    for _ in 1...2 { #expect(try await client.send(server.request(trust: right)).status == 200) }
    await #expect(throws: mismatch) { try await client.send(server.request(trust: wrong)) }
    #expect(try await client.send(server.request(trust: right)).status == 200)
    #expect(try await server.events(.request).count == 3)
  }

  /// One group is used for two policies, as if connections were shared between them: only the check before each request
  /// can refuse, because neither connection has a handshake with a certificate.
  @Test(arguments: [[], ["Connection: close"]])
  func looksAgainWhereNoCertificateIsShown(headers: [String]) async throws {
    let server = try await ScriptedServer(["*": [.answer(headers: headers)]], certificate: certificate)
    let group = try GroupOnThisThread()
    var (rightRequest, wrongRequest) = (server.request(trust: right), server.request(trust: wrong))
    (rightRequest.maxIdleTime, wrongRequest.maxIdleTime) = (.seconds(300), .seconds(300))
    // The session ticket of TLS 1.3 arrives after the handshake, but the third connection certainly has one.
    for _ in 1...2 { #expect(try await group.send(rightRequest).get().status == 200) }
    let refused = await group.send(wrongRequest)
    #expect(throws: mismatch) { try refused.get() }
    #expect(try await server.events(.request).count == 2)
    // The client's side of a handshake may end before the server's.
    let handshakes = try await eventually("the server has completed each handshake") {
      let handshakes = try await server.events(.tls)
      return handshakes.count >= (headers.isEmpty ? 1 : 3) ? handshakes : nil
    }
    #expect(headers.isEmpty ? handshakes.count == 1 : handshakes.last?.resumed == true)
  }
}

/// A group of transfers that runs on the thread of its caller.
private struct GroupOnThisThread {
  private let poller: EventPoller
  private let group: TransferGroup

  init() throws {
    poller = try EventPoller()
    group = try #require(
      TransferGroup(key: .init(trust: .insecure, version: .http1), number: 1, poller: poller))
  }

  func send(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPTransportError> {
    await withCheckedContinuation { answer in
      do throws(HTTPTransportError) {
        let target = try RequestTarget(request)
        _ = try group.add(
          Submission(
            request: request, target: target, delivery: .collect, ticket: TransferTicket(), answer: answer))
        repeat {
          poller.wait(milliseconds: group.wakeAt.map { ($0 - .now).pollTimeout }) { group.socketIsReady($0) }
          group.wakeIfDue(at: .now)
        } while group.finishEnded().isEmpty
      } catch {
        answer.resume(returning: .failure(error))
      }
    }
  }
}
