import ProxmoxInventory
import RouteModel
import RouteValidation

extension Benchmark {
  static let inventorySizes = [50, 500, 5000]

  /// The reverse lookup of a route's host and alias, from their texts to the link.
  static var lookups: [Benchmark] {
    let rows: [(name: String, note: String, query: @Sendable (Int) -> Query)] = [
      ("lookup.address.hit", "host is an address", { Query(host: InventorySamples.address($0), alias: "other-\($0)") }),
      ("lookup.hostname.hit", "host is a full name", { Query(host: KeyForm.long.key($0), alias: "other-\($0)") }),
      ("lookup.alias.hit", "no host", { Query(host: nil, alias: KeyForm.short.key($0)) }),
      ("lookup.miss", "host is a full name", { Query(host: "gone-\($0).bench.local", alias: "gone-\($0)") }),
    ]
    return inventorySizes.flatMap { size in
      rows.flatMap { row in
        [
          lookup(row.name, size: size, note: row.note, row.query) {
            blackHole($0.link(host: $1.host, alias: $1.alias))
          },
          lookup("\(row.name).decision", size: size, note: "\(row.note), without the link", row.query) {
            blackHole($0.decide(host: $1.host, alias: $1.alias))
          },
        ]
      }
    }
  }

  private struct Query: Sendable {
    var host: String?
    var alias: String
  }

  private static func lookup(
    _ name: String, size: Int, note: String, _ query: @escaping @Sendable (Int) -> Query,
    _ body: @escaping @Sendable (ReverseLookup, borrowing Query) -> Void
  ) -> Benchmark {
    Benchmark(name, size: size, note: note) {
      let lookup = ReverseLookup(inventory: InventorySamples.snapshot(guests: size))
      let queries = (0..<size).map(query).scattered
      return { operations in
        Sample.measure(operations) {
          queries.cycle(operations) { body(lookup, $0) }
        }
      }
    }
  }
}
