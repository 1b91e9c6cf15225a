import RouteModel
import RouteProviders
import TestSupport
import Testing

@testable import Commands

@Suite struct DemoRouteFileTests {
  @Test(arguments: [8006, 41234])
  func readsAsARouteFileWithoutProblems(clusterPort: Int) throws {
    let folder = try TemporaryDirectory()
    let scenario = DemoScenario(block: DemoBlock(second: 70, third: 1), nodes: 3, guests: 9)
    let ports = Dictionary(uniqueKeysWithValues: scenario.services.map { ($0.name, 4000) })
    let text = DemoRouteFile(block: scenario.block, ports: ports, clusterPort: clusterPort).text
    try folder.write(text, to: "routes.yml")

    let provided = RouteFiles(patterns: ["routes.yml"], baseDirectory: folder.path, locations: []).load(environment: [:]
    )
    #expect(provided.problems.isEmpty)
    #expect(provided.providers.flatMap(\.problems).isEmpty)
    let routes = provided.providers.flatMap(\.routes)
    #expect(routes.allSatisfy { $0.problems.isEmpty })
    let aliases = Set(routes.map(\.alias.folded))
    #expect(aliases.count == 13)
    #expect(aliases.isSuperset(of: DemoScenario.linkedAliases))
  }
}
