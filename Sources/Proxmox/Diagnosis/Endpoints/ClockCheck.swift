/// Compares the clocks of the nodes and the agent. Tickets, expiring tokens and certificates depend on them.
struct ClockCheck {
  static let topic = "clock"
  /// NTP keeps a clock within milliseconds, but answers take time and are measured in seconds.
  static let tolerance = 10
  /// PVE accepts tickets of up to five minutes in the future (PVE: `AccessControl.pm`).
  static let limit = 300

  struct Reading: Hashable, Sendable {
    /// The node, or the endpoint that answered.
    var name: String
    /// How far its clock is ahead of the agent's, in seconds; negative if it is behind.
    var offset: Int
  }

  static func checks(_ readings: [Reading]) -> [Finding] {
    guard !readings.isEmpty else { return [] }
    let (wrong, right) = (readings.filter { isOff($0) }, readings.filter { !isOff($0) })
    var checks = wrong.map(check)
    if !right.isEmpty {
      let names = Wording.list(right.map(\.name))
      checks.append(.ok(topic, "agrees with this machine's within \(tolerance) s: \(names)"))
    }
    return checks
  }

  private static func isOff(_ reading: Reading) -> Bool { abs(reading.offset) > tolerance }

  private static func check(_ reading: Reading) -> Finding {
    let distance = abs(reading.offset)
    let direction = reading.offset > 0 ? "ahead of" : "behind"
    return Finding(
      topic, distance > limit ? .problem : .warning,
      "the clock of \(reading.name) is \(Wording.span(seconds: distance)) (\(distance) s) \(direction) this machine's",
      wanted: "clocks that agree: tickets, tokens with an end and certificates go by them",
      remedies: [ClockRemedies.node(reading.name), ClockRemedies.thisMachine])
  }
}

enum ClockRemedies {
  static func node(_ name: String) -> Remedy {
    Remedy("on \(name), as root, see its time source and set the clock", ["chronyc tracking", "chronyc makestep"])
  }

  static let thisMachine = Remedy(
    "on the agent's machine, see whether its clock is synchronised", ["timedatectl status"])
}
