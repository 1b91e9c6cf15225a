import Testing

@testable import NameResolution

/// The rules, without threads and with a clock that the test controls.
@Suite struct NameCacheTests {
  private static let missing = NameAnswer.failure(.doesNotExist(times: 1))
  private static let silence = NameAnswer.failure(.unavailable(reason: "silence"))

  private var table = NameCache<String>(maxThreads: 4, maxNames: 8)
  private var now = ContinuousClock.now

  private mutating func request(_ name: String, id: Int = 0) -> NameAnswer? {
    table.request(name, (id, "waiter \(id)"), at: now)
  }

  /// Looks up all due names; returns them in order.
  private mutating func lookUpAll(_ outcome: NameAnswer) -> [String] {
    var names: [String] = []
    while let name = table.startNext() {
      names.append(name)
      _ = table.finish(name, with: outcome, at: now)
    }
    return names
  }

  @Test mutating func keepsAGoodAnswerForHalfAMinute() {
    let good = NameAnswer.success(["192.0.2.1"])
    #expect(request("nas") == nil)
    #expect(lookUpAll(good) == ["nas"])
    now += .seconds(29)
    #expect(request("nas") == good)
    #expect(lookUpAll(good) == [])
    now += .seconds(2)
    #expect(request("nas") == nil)
    #expect(lookUpAll(good) == ["nas"])
  }

  @Test mutating func failsAtOnceAndTriesAgainLessAndLessOften() {
    #expect(request("dead") == nil)
    _ = lookUpAll(Self.silence)
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
      now += .milliseconds(1000 * pause - 1)
      #expect(request("dead") == Self.silence)
      #expect(lookUpAll(Self.silence) == [], "\(pause) s have not passed")
      now += .milliseconds(1)
      #expect(request("dead") == Self.silence, "once it is due, behind the answer")
      #expect(lookUpAll(Self.silence) == ["dead"], "\(pause) s have passed")
    }
  }

  @Test mutating func waitsForAnAnswerToAFailureThatIsLongAgo() {
    _ = request("dead")
    _ = lookUpAll(Self.silence)
    now += .seconds(121)
    #expect(request("dead") == nil)
    #expect(lookUpAll(.success(["192.0.2.1"])) == ["dead"])
    #expect(request("dead") == .success(["192.0.2.1"]))
  }

  @Test mutating func countsHowOftenInARowANameDoesNotExist() {
    _ = request("gone")
    for (outcome, reported) in [
      (Self.missing, NameFailure.doesNotExist(times: 1)), (Self.missing, .doesNotExist(times: 2)),
      (Self.silence, .unavailable(reason: "silence")), (Self.missing, .doesNotExist(times: 1)),
    ] {
      #expect(lookUpAll(outcome) == ["gone"])
      #expect(request("gone") == .failure(reported))
      now += .seconds(60)
      _ = request("gone")
    }
  }

  /// A shortage in this process proves nothing about a known name.
  @Test mutating func servesTheLastAddressesWhileThereIsNothingToAskWith() {
    let shortage = NameAnswer.failure(.shortage(reason: "Too many open files"))
    _ = request("nas")
    _ = lookUpAll(.success(["192.0.2.1"]))
    now += .seconds(31)
    _ = request("nas")
    _ = request("other")
    _ = lookUpAll(shortage)
    #expect(request("nas") == .success(["192.0.2.1"]))
    #expect(request("other") == shortage)
  }

  @Test mutating func servesTheLastAddressesWhileTheResolverIsSilent() {
    let good = NameAnswer.success(["192.0.2.1"])
    _ = request("nas")
    _ = lookUpAll(good)
    now += .seconds(31)
    #expect(request("nas", id: 1) == nil)
    #expect(table.startNext() == "nas")
    let (answer, waiting) = table.finish("nas", with: Self.silence, at: now)
    #expect(answer == good)
    #expect(waiting.map(\.id) == [1])
    // Ten minutes after the last answer.
    for _ in 0..<9 {
      now += .seconds(60)
      #expect(request("nas") == good)
      _ = lookUpAll(Self.silence)
    }
    now += .seconds(60)
    #expect(request("nas") == Self.silence)
  }

  @Test mutating func forgetsTheAddressesOfANameThatIsGone() {
    _ = request("nas")
    _ = lookUpAll(.success(["192.0.2.1"]))
    now += .seconds(31)
    _ = request("nas")
    _ = lookUpAll(Self.missing)
    #expect(request("nas") == Self.missing)
    now += .seconds(1)
    _ = request("nas")
    _ = lookUpAll(Self.silence)
    #expect(request("nas") == Self.silence)
  }

  @Test mutating func looksANameUpOnceForAllThatWait() {
    for id in 1...3 { #expect(request("nas", id: id) == nil) }
    #expect(table.startNext() == "nas")
    #expect(request("nas", id: 4) == nil)
    #expect(table.startNext() == nil)
    let (answer, waiting) = table.finish("nas", with: .success(["192.0.2.1"]), at: now)
    #expect(answer == .success(["192.0.2.1"]))
    #expect(waiting.map(\.waiter) == ["waiter 1", "waiter 2", "waiter 3", "waiter 4"])
  }

  @Test mutating func leavesHalfOfTheThreadsToNamesThatWereFound() {
    _ = request("good")
    _ = lookUpAll(.success(["192.0.2.1"]))
    now += .seconds(31)
    for number in 1...5 { _ = request("dead\(number)") }
    #expect([table.startNext(), table.startNext(), table.startNext()] == ["dead1", "dead2", nil])
    _ = request("good")
    #expect(table.startNext() == "good")
    _ = table.finish("dead1", with: Self.silence, at: now)
    #expect(table.startNext() == "dead3")
  }

  @Test(arguments: ["localhost", "web.localhost"])
  mutating func putsThisMachineBeforeNamesThatNeedANameserver(name: String) {
    for number in 1...5 { _ = request("new\(number)") }
    #expect([table.startNext(), table.startNext(), table.startNext()] == ["new1", "new2", nil])
    _ = request(name)
    #expect(table.startNext() == name)
  }

  @Test mutating func putsNewNamesBeforeThoseThatFailed() {
    _ = request("dead")
    _ = lookUpAll(Self.silence)
    now += .seconds(1)
    _ = request("dead")
    _ = request("new")
    #expect(lookUpAll(Self.silence) == ["new", "dead"])
  }

  @Test mutating func takesNoMoreThreadsThanThereAre() {
    for number in 1...6 { _ = request("name\(number)") }
    _ = lookUpAll(.success(["192.0.2.1"]))
    now += .seconds(31)
    for number in 1...6 { _ = request("name\(number)") }
    let started = (1...6).map { _ in table.startNext() }
    #expect(started == ["name1", "name2", "name3", "name4", nil, nil])
  }

  @Test mutating func dropsANameWithoutWaiters() {
    #expect(request("nas", id: 1) == nil)
    #expect(request("nas", id: 2) == nil)
    #expect(table.cancel(1, of: "nas") == "waiter 1")
    #expect(table.cancel(1, of: "nas") == nil)
    #expect(table.cancel(2, of: "nas") == "waiter 2")
    #expect(table.startNext() == nil)
    #expect(request("nas", id: 3) == nil)
    #expect(table.startNext() == "nas")
  }

  @Test mutating func forgetsTheNameThatWasUsedLongestAgo() {
    for number in 1...8 {
      _ = request("name\(number)")
      _ = lookUpAll(.success(["192.0.2.1"]))
      now += .seconds(1)
    }
    #expect(request("name1") != nil)
    #expect(request("another") == nil)
    #expect(table.count == 8)
    #expect(request("name1") != nil, "it was used since")
    #expect(request("name2") == nil)
  }

  @Test mutating func refusesMoreNamesThanItCanHold() {
    for number in 1...8 { _ = request("name\(number)") }
    #expect(request("another") == .failure(.unavailable(reason: "too many names are being looked up")))
    #expect(table.count == 8)
  }
}
