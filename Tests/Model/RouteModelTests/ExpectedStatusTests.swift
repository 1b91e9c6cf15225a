import RouteModel
import Testing

@Suite struct ExpectedStatusTests {
  @Test(arguments: [
    ("200", [200], [199, 201, 404]), ("200-299", [200, 250, 299], [199, 300]), ("2xx", [200, 299], [199, 300]),
    ("200, 401", [200, 401], [400, 201]), ("2xx,301-302 , 404", [204, 301, 302, 404], [303, 500]),
    ("503", [503], [200]),
  ])
  func takesStatusesAndRanges(text: String, expected: [Int], others: [Int]) throws {
    let status = try #require(ExpectedStatus(text))
    #expect(expected.allSatisfy(status.contains))
    #expect(!others.contains(where: status.contains))
  }

  @Test(arguments: ["", "ok", "20", "600", "99", "300-200", "200-", "6xx", "xx", "200,", "200 201", "-200", "1xxx"])
  func refusesWhatIsNone(text: String) {
    #expect(ExpectedStatus(text) == nil)
  }

  @Test func takesAnyAnswerThatIsNoServerErrorByDefault() {
    #expect(ExpectedStatus.belowServerErrors.contains(404))
    #expect(!ExpectedStatus.belowServerErrors.contains(500))
  }
}
