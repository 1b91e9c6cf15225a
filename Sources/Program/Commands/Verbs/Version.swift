import ArgumentParser
import ControlAPI

/// `pvescout version`
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the version of this program.",
    discussion: """
      Examples:
        pvescout version
      """)

  func run() throws { try Terminal.print("pvescout \(PvescoutVersion.text)\n") }
}
