import RouteModel
import Testing

/// What every route has several of is kept small, and says the same.
@Suite struct CompactFormTests {
  private struct Times {
    @Compact var instant: ContinuousClock.Instant?
    @Nanoseconds var duration: Duration?
  }

  @Test(arguments: [nil, .zero, .nanoseconds(1), .seconds(86_400 * 365), .seconds(-90)] as [Duration?])
  func keepsInstantsToTheNanosecond(_ distance: Duration?) {
    let instant = distance.map { ContinuousClock.now + $0 }
    let times = Times(instant: instant, duration: distance)
    #expect(times.instant == instant && times.duration == distance)
  }

  @Test func anIDIsOneReference() throws {
    #expect(MemoryLayout<RouteID>.size == 8)
    let id = RouteID(provider: ProviderName("file:routes"), alias: try RouteAlias("plex"))
    let other = RouteID(provider: ProviderName("file:routes"), alias: try RouteAlias("Plex"))
    #expect(id == other && Set([id, other]).count == 1)
    #expect(id != RouteID(provider: ProviderName("file:other"), alias: id.alias))
    #expect(id != RouteID(provider: id.provider, alias: id.alias, ordinal: 1))
  }
}
