import RouteModel
import Testing

@testable import Notifications

/// Which notices are delivered, when and how often, with a clock that the test controls.
@Suite struct OutboxTests {
  private let start = ContinuousClock.now
  private static let limits = Outbox.Limits(
    attempts: 4, firstPause: .seconds(1), maxPause: .seconds(5), capacity: 3)
  private var outbox = Outbox(Self.limits)

  private mutating func offer(_ notice: Notice, firstUp: Bool = false, neverUp: Bool = false) {
    outbox.offer(notice, notifiesFirstUp: firstUp, notifiesNeverUp: neverUp)
  }

  private mutating func next(_ seconds: Int = 0) -> Outbox.Step { outbox.next(at: start + .seconds(seconds)) }

  @discardableResult
  private mutating func finish(_ result: DeliveryResult, _ seconds: Int = 0) -> Outbox.Outcome? {
    outbox.finish(result, at: start + .seconds(seconds))
  }

  /// Delivers a notice at once.
  private mutating func deliver(_ notice: Notice) {
    offer(notice, firstUp: true, neverUp: true)
    #expect(next() == .deliver(notice))
    finish(.taken)
  }

  @Test mutating func deliversOneAfterTheOther() throws {
    let (one, two) = (try Samples.down("one"), try Samples.down("two"))
    offer(one)
    offer(two)
    #expect(next() == .deliver(one))
    #expect(next() == .rest, "one try at a time")
    #expect(finish(.taken) == .delivered(failuresBefore: 0))
    #expect(next() == .deliver(two))
    finish(.taken)
    #expect(next() == .rest)
  }

  @Test mutating func triesAgainAfterLongerAndLongerPausesAndGivesUp() throws {
    let notice = try Samples.down()
    offer(notice)
    for (second, pause) in [(0, 1), (1, 2), (3, 4)] {
      #expect(next(second) == .deliver(notice))
      #expect(
        finish(.failed(reason: "refused"), second)
          == .postponed(reason: "refused", isNews: second == 0, pause: .seconds(pause)))
      #expect(next(second) == .wait(until: start + .seconds(second + pause)))
    }
    #expect(next(7) == .deliver(notice))
    #expect(finish(.failed(reason: "refused"), 7) == .givenUp(reason: "refused"))
    #expect(next(8) == .rest)
    #expect(outbox.trouble == "refused")
  }

  @Test(arguments: [(Duration.seconds(3), 3), (.seconds(60), 5), (.milliseconds(1), 1)])
  mutating func waitsAsLongAsTheReceiverAsksWithinBounds(_ asked: Duration, _ pause: Int) throws {
    offer(try Samples.down())
    _ = next()
    finish(.failed(reason: "429", retryAfter: asked))
    #expect(next() == .wait(until: start + .seconds(pause)))
  }

  @Test mutating func aFailureMakesTheOthersWaitToo() throws {
    offer(try Samples.down("one"))
    _ = next()
    finish(.failed(reason: "refused"))
    offer(try Samples.down("two"))
    #expect(next() == .wait(until: start + .seconds(1)))
  }

  @Test mutating func aRefusedNoticeIsNotRetriedAndDelaysNoOthers() throws {
    let two = try Samples.down("two")
    offer(try Samples.down("one"))
    offer(two)
    _ = next()
    #expect(finish(.refused(reason: "401")) == .givenUp(reason: "401"))
    #expect(next() == .deliver(two))
  }

  @Test mutating func aDeliveryEndsTheTrouble() throws {
    offer(try Samples.down())
    _ = next()
    finish(.failed(reason: "refused"))
    #expect(outbox.trouble == "refused")
    _ = next(1)
    #expect(finish(.taken, 1) == .delivered(failuresBefore: 1))
    #expect(outbox.trouble == nil)
    offer(try Samples.up())
    _ = next(1)
    finish(.failed(reason: "refused"), 1)
    #expect(next(1) == .wait(until: start + .seconds(2)), "pauses begin anew")
  }

  @Test mutating func anUpOvertakesTheDownThatCouldNotBeTold() throws {
    offer(try Samples.down())
    _ = next()
    finish(.failed(reason: "refused"))
    let up = try Samples.up()
    offer(up)
    #expect(outbox.count == 1)
    #expect(next(1) == .deliver(up), "the newest state, with the downtime in its words")
    finish(.taken, 1)
    #expect(next(1) == .rest)
  }

  @Test mutating func anUpOvertakesTheDownThatIsUnderWay() throws {
    offer(try Samples.down())
    _ = next()
    let up = try Samples.up()
    offer(up)
    #expect(finish(.failed(reason: "refused")) == .overtaken(reason: "refused"))
    #expect(next(1) == .deliver(up))
  }

  @Test mutating func aDownThatWasToldIsNotRepeatedWhereItsUpCouldNotBeTold() throws {
    deliver(try Samples.down())
    offer(try Samples.up())
    _ = next()
    finish(.failed(reason: "refused"))
    offer(try Samples.down(cause: "again"))
    #expect(outbox.count == 0)
    #expect(next(1) == .rest)
  }

  @Test mutating func aDownThatWasToldIsNotRepeatedWhereItsUpFailsUnderWay() throws {
    deliver(try Samples.down())
    offer(try Samples.up())
    _ = next()
    offer(try Samples.down(cause: "again"))
    finish(.failed(reason: "refused"))
    #expect(outbox.count == 0)
  }

  @Test mutating func aDownFollowsTheUpThatWasToldMeanwhile() throws {
    deliver(try Samples.down())
    offer(try Samples.up())
    _ = next()
    let again = try Samples.down(cause: "again")
    offer(again)
    finish(.taken)
    #expect(next() == .deliver(again))
  }

  @Test mutating func isNewsAgainOnceItsUpWasGivenUp() throws {
    deliver(try Samples.down())
    offer(try Samples.up())
    _ = next()
    finish(.refused(reason: "401"))
    let again = try Samples.down(cause: "again")
    offer(again)
    #expect(next() == .deliver(again))
  }

  /// First ups and downs are delivered only if requested; an up also if the down was, or is about to be, delivered.
  @Test(arguments: [(false, false, 0), (true, false, 1), (false, true, 2), (true, true, 2)])
  mutating func deliversFirstsIfRequested(_ firstUp: Bool, _ neverUp: Bool, _ expected: Int) throws {
    var delivered: [Notice.Event] = []
    for notice in [try Samples.down(isFirst: true), try Samples.up(isFirst: true)] {
      offer(notice, firstUp: firstUp, neverUp: neverUp)
      if case .deliver(let notice) = next() { delivered.append(notice.event) }
      finish(.taken)
    }
    #expect(delivered.count == expected)
  }

  @Test mutating func aRouteThatWentIsTalkedOfNoMore() throws {
    offer(try Samples.down("one"))
    offer(try Samples.down("two"))
    _ = next()
    outbox.forget(try Samples.id("one"))
    outbox.forget(try Samples.id("two"))
    #expect(finish(.failed(reason: "refused")) == .overtaken(reason: "refused"))
    #expect(next(9) == .rest)
  }

  @Test mutating func keepsTheNewestWhereThereAreTooMany() throws {
    for name in ["one", "two", "three", "four"] { offer(try Samples.down(name)) }
    #expect(outbox.count == 3)
    #expect(outbox.dropped == 1)
    #expect(next() == .deliver(try Samples.down("two")))
  }
}
