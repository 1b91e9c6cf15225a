import TestSupport
import Testing

@testable import Notifications

@Suite struct ManualFactTests {
  @Test func notificationsHasEveryFact() throws {
    let table = try #require(try ManualArticle("Notifications").tables.first { $0.header.first == "fact" })
    let documented = table.rows.flatMap { ManualArticle.code(in: $0[0]) }
    #expect(Set(documented) == Set(Fact.allCases.map(\.rawValue)))
  }
}
