import RouteModel
import Testing

@Suite struct RareTests {
  private struct Owner: Hashable {
    @Rare var name: String?
    @Nanoseconds var time: Duration?

    init(name: String? = nil, time: Duration? = nil) { (self.name, self.time) = (name, time) }
  }

  @Test func keepsWhatWasPutIn() {
    var owner = Owner()
    #expect(owner.name == nil && owner.time == nil)
    owner.name = "plex"
    owner.time = .milliseconds(-3)
    #expect(owner.name == "plex" && owner.time == .milliseconds(-3))
    (owner.name, owner.time) = (nil, nil)
    #expect(owner == Owner(), "nothing is left")
  }

  @Test func copiesChangeAlone() {
    let owner = Owner(name: "plex", time: .seconds(1))
    var copy = owner
    copy.name = "wiki"
    #expect(owner.name == "plex" && copy.name == "wiki")
    #expect(owner != copy)
  }

  @Test func takesLittleRoom() {
    #expect(MemoryLayout<Owner>.size == 16)
    #expect(MemoryLayout<Route>.size <= 512, "every route of an agent has one")
    #expect(MemoryLayout<HealthReport>.size <= 160, "and one of these")
  }

  @Test(arguments: [
    (Duration.zero, Duration.zero), (.nanoseconds(1), .nanoseconds(1)), (.seconds(86_400), .seconds(86_400)),
    (Duration(attoseconds: 1_999_999_999), .nanoseconds(1)), (.seconds(Int64.max), .nanoseconds(Int64.max)),
  ])
  func aDurationIsKeptToTheNanosecond(_ duration: Duration, _ kept: Duration) {
    #expect(Owner(time: duration).time == kept)
  }
}
