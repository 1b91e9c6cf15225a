import Testing

@testable import ProxmoxDiscovery

@Suite("EndpointSelector") struct EndpointSelectorTests {
  private let start = ContinuousClock.now

  @Test("In the order of the configuration, then what the cluster named")
  func ordersEndpoints() {
    var selector = EndpointSelector(["a", "b"], interval: .seconds(10))
    selector.discovered = ["c", "a"]
    #expect(selector.order(at: start) == ["a", "b", "c"])
    selector.succeeded("c")
    #expect(selector.order(at: start) == ["a", "b", "c"])
  }

  @Test("One that failed is tried last until it has rested, longer each time, and has its place again then")
  func returnsToThePreferred() {
    var selector = EndpointSelector(["a", "b", "c"], interval: .seconds(10))
    var now = start
    var pauses: [Duration] = []
    for _ in 1...6 {
      selector.failed("a", at: now)
      selector.succeeded("b")
      #expect(selector.order(at: now) == ["b", "c", "a"])
      let failed = now
      while selector.order(at: now).first != "a" { now += .seconds(1) }
      pauses.append(now - failed)
    }
    #expect(pauses == [10, 20, 40, 60, 60, 60].map { .seconds($0) })
    selector.succeeded("a")
    selector.failed("a", at: now)
    #expect(selector.order(at: now + .seconds(10)).first == "a", "a success makes up for all failures")
  }

  @Test("If all are paused, the one with the earliest end of its pause is tried first")
  func triesTheLeastTired() {
    var selector = EndpointSelector(["a", "b"], interval: .seconds(10))
    selector.failed("a", at: start)
    selector.failed("a", at: start)
    selector.failed("b", at: start)
    #expect(selector.order(at: start) == ["b", "a"])
  }

  @Test("All together get one request's time; one that is only tried again gets less while another works")
  func sharesTheTime() {
    var selector = EndpointSelector(["a", "b", "c"], interval: .seconds(10))
    let timeout = Duration.seconds(30)
    #expect(selector.headStart(of: ["a", "b", "c"], requestTimeout: timeout) == .seconds(10))
    #expect(selector.headStart(of: ["a"], requestTimeout: timeout) == .seconds(15))
    selector.succeeded("b")
    #expect(selector.headStart(of: ["a", "b", "c"], requestTimeout: timeout) == .seconds(2))
    #expect(selector.headStart(of: ["b", "c", "a"], requestTimeout: timeout) == .seconds(10))
  }
}
