import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout guests`
struct Guests: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the guests: containers and virtual machines.",
    discussion: """
      Examples:
        pvescout guests
      """)

  @OptionGroup var options: WatchOptions

  func run() async throws {
    try await options.show { client throws(ControlClientError) in
      let guests = try await client.guests()
      let routes = try await client.routes().value.routes
      return Answer(value: (guests: guests.value.guests, routes: routes), body: guests.body)
    } as: {
      GuestTable.render($0.guests, routes: $0.routes, style: $1)
    }
  }
}
