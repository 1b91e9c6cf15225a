import Synchronization

/// Prints the demo's output in whole pieces: tables and events on standard output, messages on standard error.
final class DemoVoice: Sendable {
  let style: TableStyle
  private let started = ContinuousClock.now
  private let turn = Mutex(())

  init(style: TableStyle) { self.style = style }

  /// `  4.2s  cluster  container 101 plex migrates: pve1 → pve2`.
  func event(_ subject: String, _ text: String) throws {
    let tenths = Int(started.duration(to: .now) / .milliseconds(100))
    let time = "\(tenths / 10).\(tenths % 10)s"
    let margin = String(repeating: " ", count: max(0, 7 - time.count))
    let gap = String(repeating: " ", count: max(1, 9 - subject.count))
    let line = margin + time + "  " + subject + gap + DisplayWidth.printable(text)
    try print((style.usesColor && subject == "cluster" ? TextColor.bold.paint(line) : line) + "\n")
  }

  func print(_ text: String) throws { try turn.withLock { _ in try Terminal.print(text) } }
  func say(_ text: String) { turn.withLock { _ in Terminal.say(text) } }
}
