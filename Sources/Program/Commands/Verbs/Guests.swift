import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout guests`
struct Guests: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Lists the guests: containers and virtual machines.")

  @OptionGroup var options: WatchOptions

  func run() async throws {
    try await options.show { client throws(ControlClientError) in
      try await client.guests()
    } as: {
      GuestTable.render($0.guests, style: $1)
    }
  }
}
