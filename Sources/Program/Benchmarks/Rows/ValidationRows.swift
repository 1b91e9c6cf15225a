import ProxmoxInventory
import RouteModel
import RouteValidation

extension Benchmark {
  /// All routes against all guests, as after a start: a quarter each by address, hostname, alias, and without a match.
  static var validation: [Benchmark] {
    let routes = 1000
    return [2000, 50].map { guests in
      Benchmark("validate.all", size: routes, note: "per route, \(guests) guests") {
        let declarations = try (0..<routes).map { try declaration($0, of: guests) }
        let inventory = InventorySamples.snapshot(guests: guests)
        return { operations in
          let times = timesForAll(routes, operations)
          return Sample.measure(times * routes) {
            for _ in 0..<times {
              let validator = RouteValidator(inventory: inventory)
              for declaration in declarations { blackHole(validator.validate(declaration)) }
            }
          }
        }
      }
    }
  }

  private static func declaration(_ number: Int, of guests: Int) throws -> RouteDeclaration {
    let guest = number * 7 % guests
    let alias = number % 4 == 2 ? KeyForm.short.key(guest) : "service-\(number)"
    var declaration = RouteDeclaration(
      alias: try RouteAlias(alias), provider: ProviderName("file:routes"),
      location: SourceLocation(file: "routes.yml", line: number * 3 + 1, column: 1))
    declaration.port = RouteDeclaration.Port(target: 8080)
    switch number % 4 {
    case 0: declaration.host = InventorySamples.address(guest)
    case 1: declaration.host = KeyForm.long.key(guest)
    case 2: declaration.host = nil
    default: declaration.host = "gone-\(number).bench.local"
    }
    return declaration
  }
}
