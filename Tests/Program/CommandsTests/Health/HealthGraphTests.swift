import Testing

@testable import Commands

@Suite struct HealthGraphTests {
  @Test(
    arguments: [
      ([], 4, "    "), ([100], 4, "   ▅"), ([100, 100, 100], 4, " ▅▅▅"), ([1, 2, 3, 4, 5], 3, "▄▅▆"),
      ([100, nil, 100], 3, "▅×▅"), ([100, 100, 1000], 3, "▁▁█"), ([nil, nil], 2, "××"), ([0, 0], 2, "▁▁"),
    ] as [([Int64?], Int, String)])
  func drawsLatencies(_ latencies: [Int64?], _ width: Int, _ expected: String) {
    #expect(HealthGraph.spark(latencies, width: width).map(\.text).joined() == expected)
  }

  @Test(
    arguments: [
      ([], 3, "···"), ([1, nil, 0], 3, "█·▁"), ([1], 3, "··█"), ([0.9999, 0.5, 0.1], 3, "▇▄▁"),
      ([1, 1, 1, 0.5], 2, "█▄"), ([nil, 1, nil, nil], 2, "█·"),
    ] as [([Double?], Int, String)])
  func drawsUptimes(_ ratios: [Double?], _ width: Int, _ expected: String) {
    #expect(HealthGraph.uptime(ratios, width: width).map(\.text).joined() == expected)
  }
}
