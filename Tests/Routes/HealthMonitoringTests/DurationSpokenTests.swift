import Testing

@testable import HealthMonitoring

@Suite struct DurationSpokenTests {
  @Test(arguments: [
    (Duration.zero, "1 ms"), (.microseconds(400), "1 ms"), (.milliseconds(12), "12 ms"), (.milliseconds(999), "999 ms"),
    (.seconds(5), "5 s"), (.milliseconds(2500), "2.5 s"), (.milliseconds(1040), "1 s"), (.seconds(90), "90 s"),
  ])
  func speaksDurationsInOneUnit(duration: Duration, text: String) {
    #expect(duration.spoken == text)
  }
}
