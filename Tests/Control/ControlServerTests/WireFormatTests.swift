import ControlAPI
import Foundation
import Testing

@Suite struct WireFormatTests {
  @Test(arguments: [
    (1_700_000_000.0, "2023-11-14T22:13:20.000Z"), (1_700_000_000.25, "2023-11-14T22:13:20.250Z"),
    (1_700_000_000.9996, "2023-11-14T22:13:21.000Z"), (1_700_000_000.001, "2023-11-14T22:13:20.001Z"),
    (-0.5, "1969-12-31T23:59:59.500Z"), (-86_400, "1969-12-31T00:00:00.000Z"),
  ])
  func writesTimesWithMilliseconds(_ seconds: Double, _ text: String) throws {
    #expect(WireFormat.text(of: Date(timeIntervalSince1970: seconds)) == text)
    let read = try #require(WireFormat.date(from: text))
    #expect(abs(read.timeIntervalSince1970 - seconds) < 0.001)
  }
}
