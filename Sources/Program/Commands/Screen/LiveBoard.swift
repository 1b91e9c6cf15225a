import FoundationEssentials

/// The state of a live view: the last answer of the agent, and whether it still answers. Pure.
protocol LiveBoard: Sendable {
  associatedtype Value: Sendable
  /// Nil while the agent answers.
  var loss: AgentLoss? { get set }
  mutating func apply(_ value: Value)
  /// Lines of at most `width` columns.
  func page(width: Int, usesColor: Bool, now: Date) -> LivePage
}

extension LiveBoard {
  mutating func lose(_ reason: String, at date: Date) { loss = AgentLoss(since: loss?.since ?? date, reason: reason) }
}

/// The agent cannot be reached; the last known state stays on the board.
struct AgentLoss: Hashable, Sendable {
  var since: Date
  var reason: String

  func line(_ now: Date) -> StyledLine {
    var line = StyledLine()
    let seconds = Int64(max(0, now.timeIntervalSince(since)))
    line.add("no answer for \(HumanText.duration(seconds: seconds)), trying again: \(reason)", .red)
    return line
  }
}
