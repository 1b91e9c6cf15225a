import PrintableText
import Testing

@Suite struct UTCTimeTests {
  @Test(
    arguments: [
      (0, [1970, 1, 1, 0, 0, 0, 0]), (951_782_400_000_001, [2000, 2, 29, 0, 0, 0, 1]),
      (951_868_799_999_999, [2000, 2, 29, 23, 59, 59, 999_999]), (951_868_800_000_000, [2000, 3, 1, 0, 0, 0, 0]),
      (1_735_689_599_000_000, [2024, 12, 31, 23, 59, 59, 0]), (4_107_542_400_000_000, [2100, 3, 1, 0, 0, 0, 0]),
      (-5, [1969, 12, 31, 23, 59, 59, 999_995]), (-1_000_000, [1969, 12, 31, 23, 59, 59, 0]),
      (-62_135_596_800_000_000, [1, 1, 1, 0, 0, 0, 0]), (.min, [1, 1, 1, 0, 0, 0, 0]),
      (-11_644_473_600_000_000, [1601, 1, 1, 0, 0, 0, 0]), (.max, [9999, 12, 31, 23, 59, 59, 999_999]),
    ] as [(Int64, [Int])])
  func takesMomentsApart(microseconds: Int64, parts: [Int]) {
    let time = UTCTime(microseconds)
    #expect([time.year, time.month, time.day, time.hour, time.minute, time.second, time.microsecond] == parts)
  }
}
