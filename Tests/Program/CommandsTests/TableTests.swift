import ControlAPI
import Foundation
import Testing

@testable import Commands

/// Hostile texts in tables, lists and lines.
@Suite struct TableTests {
  private static let hostile = "a\u{1b}[31mb\r\nc\u{202e}d\u{9b}e\u{7f}"

  private static func drives(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      scalar.value < 0x20 && scalar != "\n" || (0x7f..<0xa0).contains(scalar.value) || scalar.value == 0x202e
    }
  }

  @Test func writesNoControlCharactersOfOthers() {
    var table = TextTable([.init(title: "NAME"), .init(title: "WHY")])
    table.rows = [[.init(Self.hostile), "\(Self.hostile)"]]
    table.notes = [0: [.init(Self.hostile)]]
    let text = table.rendered(TableStyle())
    #expect(!Self.drives(text) && text.split(separator: "\n").count == 3, "\(text.debugDescription)")

    var fields = FieldList()
    fields.add("name", Self.hostile)
    #expect(!Self.drives(fields.rendered(TableStyle())))

    var line = StyledLine()
    line.add(Self.hostile)
    line.add(Self.hostile, width: 5)
    #expect(!Self.drives(line.rendered(width: 100, usesColor: false)))
  }

  private static func guest(in cluster: String) -> GuestJSON {
    GuestJSON(
      cluster: cluster, vmid: 105, type: "lxc", name: "plex", node: "pve1", status: "running",
      addresses: ["10.0.0.5", "fd00::5"], asOf: Date(), stale: false, error: nil)
  }

  @Test func writesEveryAddressOfAGuest() {
    #expect(GuestTable.render([Self.guest(in: "home")], style: TableStyle()).contains(" 10.0.0.5, fd00::5 "))
  }

  /// The guests of two clusters may share VMID, name and node name.
  @Test func namesTheClustersOfGuestsIfThereAreTwo() {
    let both = GuestTable.render([Self.guest(in: "home"), Self.guest(in: "shed")], style: TableStyle())
    #expect(both.contains(" home/pve1 ") && both.contains(" shed/pve1 "), "\(both)")
    #expect(!GuestTable.render([Self.guest(in: "home")], style: TableStyle()).contains("home"))
  }
}
