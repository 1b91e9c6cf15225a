import RouteModel
import RouteProviders
import RouteValidation
import Testing

@testable import Reconciliation

@Suite struct DeclaredRoutesTests {
  @Test func theEarlierFileHasTheAlias() throws {
    let declared = Lab.provided([
      ("a", [try Lab.declaration("plex", in: "a")]), ("b", [try Lab.declaration("PLEX", in: "b", line: 7)]),
    ])
    #expect(declared.routes.map(\.conflict?.reason) == [nil, "alias 'plex' is taken by file:a (a.yml:1:1)"])
    #expect(declared.errors.isEmpty)
    #expect(
      declared.warnings.map(\.description) == [
        "b.yml:7:1: warning: alias 'PLEX' is excluded: file:a has it (a.yml:1:1); rename one of them"
      ])
  }

  @Test func aFileComesBeforeWhatAGuestSaysOfItself() throws {
    var noted = try Lab.declaration("plex", in: "notes")
    noted.provider = ProviderName("guest:home")
    let guest = ProvidedRoutes.Provider(name: noted.provider, file: "", routes: [noted], problems: [], isLoaded: true)
    let written = try Lab.declaration("plex", in: "a")
    let file = ProvidedRoutes.Provider(
      name: written.provider, file: "a.yml", routes: [written], problems: [], isLoaded: true)
    let declared = DeclaredRoutes(ProvidedRoutes(providers: [guest, file]))
    #expect(declared.routes.map(\.id.provider.text) == ["file:a", "guest:home"])
    #expect(declared.routes.map(\.conflict?.reason) == [nil, "alias 'plex' is taken by file:a (a.yml:1:1)"])
    #expect(DeclaredRoutes(ProvidedRoutes(providers: [guest])).routes.map(\.conflict?.reason) == [nil])
  }

  @Test func aBrokenDeclarationTakesNoAlias() throws {
    var broken = try Lab.declaration("plex", in: "a")
    broken.scheme = .fileserver
    let declared = Lab.provided([("a", [broken]), ("b", [try Lab.declaration("plex", in: "b")])])
    #expect(declared.routes.map(\.conflict?.reason) == [nil, nil])
    #expect(declared.errors.map(\.location.file) == ["a.yml"])
  }

  @Test func declarationsOfOneAliasInAFileAreToldApart() throws {
    var second = try Lab.declaration("plex", line: 5)
    second.problems = [Problem(.error, at: second.location, "alias 'plex' stands twice")]
    let declared = Lab.provided(try Lab.declaration("plex"), second)
    #expect(declared.routes.map(\.id.ordinal) == [0, 1])
    #expect(declared.routes.map(\.conflict?.reason) == [nil, nil], "the second is broken already")
  }

  @Test func reportsProblemsInTheOrderOfTheLines() throws {
    var broken = try Lab.declaration("late", in: "b", line: 17)
    broken.scheme = .fileserver
    let declared = Lab.provided([
      ("a", [try Lab.declaration("plex", in: "a", line: 3)]),
      ("b", [try Lab.declaration("plex", in: "b", line: 12), broken]),
    ])
    #expect(declared.problems.map(\.location.line) == [12, 17])
  }
}
