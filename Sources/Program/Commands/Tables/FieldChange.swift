import ControlAPI

/// A changed field of a guest or node, described for a line.
struct FieldChange: Hashable {
  /// Empty if the values explain themselves.
  var name: String
  var before: String
  var after: String

  init(_ name: String, _ before: String?, _ after: String?) {
    self.name = name
    self.before = before.flatMap { $0.isEmpty ? nil : $0 } ?? "none"
    self.after = after.flatMap { $0.isEmpty ? nil : $0 } ?? "none"
  }

  /// `node pve1 -> pve2`.
  func text(arrow: String = "->") -> String { "\(name)\(name.isEmpty ? "" : " ")\(before) \(arrow) \(after)" }

  static func between(_ before: GuestJSON, _ after: GuestJSON) -> [FieldChange] {
    let type = { (guest: GuestJSON) in guest.template ? "\(guest.type) template" : guest.type }
    return [
      FieldChange("node", before.node, after.node), FieldChange("", before.status, after.status),
      FieldChange("name", before.name, after.name), FieldChange("type", type(before), type(after)),
      FieldChange("address", list(before.addresses), list(after.addresses)),
      FieldChange("lock", before.lock, after.lock), FieldChange("tags", list(before.tags), list(after.tags)),
      FieldChange("pool", before.pool, after.pool), FieldChange("HA", before.haState, after.haState),
    ].filter { $0.before != $0.after }
  }

  static func between(_ before: NodeJSON, _ after: NodeJSON) -> [FieldChange] {
    [
      FieldChange("", before.status, after.status),
      FieldChange("address", list(before.addresses), list(after.addresses)),
    ].filter { $0.before != $0.after }
  }

  private static func list(_ values: [String]) -> String { values.joined(separator: ", ") }
}
