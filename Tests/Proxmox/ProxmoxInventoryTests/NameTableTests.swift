import ProxmoxInventory
import RouteModel
import Testing

/// Compares the index of names with the simple rule: fold, compare, use the first label if one side is bare.
@Suite struct NameTableTests {
  @Test func agreesWithTheRuleForNamesOfEveryLength() throws {
    var random = SystemRandomNumberGenerator()
    let names = (0..<400).map { _ in Self.name(&random) }
    let inventory = inventory(guests: try names.enumerated().map { try guest(100 + $0.offset, $0.element) })
    for query in names + (0..<400).map({ _ in Self.name(&random) }) {
      let folded = HostName.fold(query)
      let full = names.indices.filter { HostName.fold(names[$0]) == folded }
      let byLabel = names.indices.filter { place in
        let name = HostName.fold(names[place])
        return HostName.firstLabel(name) == HostName.firstLabel(folded)
          && HostName.isBare(name) != HostName.isBare(folded)
      }
      #expect(inventory.vmids(named: query) == (full.isEmpty ? byLabel : full).map { 100 + $0 }, "\(query)")
    }
  }

  @Test func namesCompareWithoutASCIICaseOnly() throws {
    let inventory = inventory(guests: [try guest(101, "MÜLLER"), try guest(102, "MixedCase-With-Many-Letters")])
    #expect(inventory.vmids(named: "mÜller") == [101])
    #expect(inventory.vmids(named: "müller").isEmpty)
    #expect(inventory.vmids(named: "mixedcase-with-many-letters.") == [102])
    #expect(inventory.vmids(named: "mixedcase-with-many-letterz").isEmpty)
    #expect(inventory.vmids(named: "[ixedcase-with-many-letters").isEmpty)
  }

  /// Few letters and labels, so that names collide; up to 40 bytes, so that every position in a word is tested.
  private static func name(_ random: inout some RandomNumberGenerator) -> String {
    let labels = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      String((0..<Int.random(in: 1...12, using: &random)).map { _ in "aB".randomElement(using: &random) ?? "a" })
    }
    return labels.joined(separator: ".") + (Bool.random(using: &random) ? "." : "")
  }
}
