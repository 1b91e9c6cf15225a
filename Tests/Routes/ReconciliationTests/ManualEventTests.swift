import Reconciliation
import TestSupport
import Testing

@Suite struct ManualEventTests {
  @Test func socketAPIHasEveryEvent() throws {
    let table = try #require(try ManualArticle("SocketAPI").tables.first { $0.header.first == "event" })
    let documented = table.rows.flatMap { ManualArticle.code(in: $0[0]) }
    #expect(Set(documented) == Set(Event.Kind.allCases.map(\.rawValue)))
  }
}
