import NameResolution
import TestSupport
import Testing

/// Real threads, with lookups that the test controls.
@Suite struct NameResolverTests {
  @Test(.timeLimit(.minutes(5)), arguments: ["127.0.0.1", "::1", "localhost", "LOCALHOST", "web.localhost"])
  func knowsAddressesAndThisMachine(host: String) async throws {
    let addresses = try await NameResolver().addresses(of: host, timeout: .seconds(180)).get()
    #expect(addresses.allSatisfy { ["127.0.0.1", "::1"].contains($0) } && !addresses.isEmpty, "\(addresses)")
  }

  /// The resolver itself refuses a label of 64 bytes: no packet is sent.
  @Test(.timeLimit(.minutes(5))) func saysThatANameDoesNotExist() async {
    let name = String(repeating: "n", count: 64) + ".test"
    #expect(await NameResolver().addresses(of: name, timeout: .seconds(180)) == .failure(.doesNotExist(times: 1)))
  }

  /// A single report may be a mistake, and a missing answer is not a report.
  @Test(.timeLimit(.minutes(5))) func aNameIsMissingWhenThatIsSaidTwice() async throws {
    let denying = NameResolver { _ in .failure(.doesNotExist(times: 1)) }
    #expect(await denying.isMissing("gone", timeout: .seconds(180)) == nil, "said once")
    try await eventually("it is said again") { await denying.isMissing("gone", timeout: .seconds(180)) }
    #expect(await denying.isMissing("gone", timeout: .seconds(180)) == true)
    let away = NameResolver { _ in .failure(.unavailable(reason: "no nameserver answers")) }
    let there = NameResolver { _ in .success(["192.0.2.1"]) }
    for _ in 0..<3 {
      #expect(await away.isMissing("gitea", timeout: .seconds(180)) == nil)
      #expect(await there.isMissing("gitea", timeout: .seconds(180)) == false)
    }
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["", "a\0b", String(repeating: "a.", count: 200)])
  func refusesWhatIsNoName(host: String) async {
    guard case .failure(.invalid) = await NameResolver().addresses(of: host, timeout: .seconds(180)) else {
      Issue.record("'\(host)' was looked up")
      return
    }
  }

  @Test(.timeLimit(.minutes(5))) func namesWithoutAnswerDelayNoOther() async {
    let names = ScriptedNames(["good": ["192.0.2.1"]])
    let good = NameAnswer.success(["192.0.2.1"])
    #expect(await names.resolver.addresses(of: "good", timeout: .seconds(180)) == good)
    await withTaskGroup { group in
      for number in 0..<150 {
        group.addTask {
          let answer = await names.resolver.addresses(of: "dead\(number)", timeout: .milliseconds(50))
          #expect(answer == .failure(.unavailable(reason: "no answer in time")))
        }
      }
    }
    #expect(await names.resolver.addresses(of: "good", timeout: .seconds(180)) == good)
    #expect(names.maxWaiting == 2, "half of the threads")
  }

  @Test(.timeLimit(.minutes(5))) func aNameThatFailedFailsAtOnce() async throws {
    let names = ScriptedNames()
    async let first = names.resolver.addresses(of: "dead", timeout: .seconds(180))
    try await eventually("it is looked up") { names.waiting == 1 ? true : nil }
    names.endSilence()
    let failure = NameAnswer.failure(.unavailable(reason: "no nameserver answers"))
    #expect(await first == failure)
    #expect(await names.resolver.addresses(of: "dead", timeout: .zero) == failure)
  }

  @Test(.timeLimit(.minutes(5))) func endsTheWaitWithItsTask() async throws {
    let names = ScriptedNames()
    let asking = Task { await names.resolver.addresses(of: "nas", timeout: .seconds(3600)) }
    try await eventually("it is looked up") { names.waiting == 1 ? true : nil }
    asking.cancel()
    #expect(await asking.value == .failure(.cancelled))
  }

  @Test(.timeLimit(.minutes(5))) func callsBackOnceWhetherItWasCancelledOrNot() async {
    let names = ScriptedNames()
    let (answers, sink) = AsyncStream.makeStream(of: NameAnswer.self)
    names.resolver.resolve("nas") { sink.yield($0) }.cancel()
    let second = names.resolver.resolve("nas") { sink.yield($0) }
    var iterator = answers.makeAsyncIterator()
    #expect(await iterator.next() == .failure(.cancelled))
    names.endSilence()
    #expect(await iterator.next() == .failure(.unavailable(reason: "no nameserver answers")))
    second.cancel()
    sink.finish()
    #expect(await iterator.next() == nil)
  }
}
