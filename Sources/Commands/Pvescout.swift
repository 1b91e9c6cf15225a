package import ArgumentParser

/// `pvescout`: one file per verb beside this one.
package struct Pvescout: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(commandName: "pvescout")
  package init() {}
}
