import FoundationEssentials
package import RouteModel

/// What came of a test notice. Contains no secrets.
package enum TestDelivery: Hashable, Sendable {
  /// - Parameters:
  ///   - destination: a webhook's scheme and host, or a program's path.
  ///   - answer: such as `it answered 200`.
  case delivered(to: String, answer: String)
  /// - Parameter location: the entry in pvescout.yml.
  case failed(to: String, reason: String, location: SourceLocation)
  /// No entry has that name; those that there are.
  case unknown(names: [String])
}

extension Notifier {
  /// Sends a test notice to the entry of that name: once, at once, and whatever waits for it.
  package func test(_ name: String) async -> TestDelivery {
    let entries = entries
    guard let entry = entries.first(where: { $0.name == name }) else { return .unknown(names: entries.map(\.name)) }
    switch await deliver(entry.channel, Notice.test(of: name, at: Date())) {
    case .delivered(let answer): return .delivered(to: entry.destination, answer: answer)
    case .failed(let reason, _), .refused(let reason):
      return .failed(to: entry.destination, reason: reason, location: entry.location)
    }
  }
}

extension Notice {
  /// A notice of no route, for the entry of that name.
  static func test(of name: String, at date: Date) -> Notice {
    let alias = "pvescout-test"
    return Notice(
      .test,
      Observation(
        id: RouteID(provider: ProviderName("test"), alias: RouteAlias(invalid: alias)), key: alias, status: .unknown,
        previous: .unknown, detail: "a test of '\(name)' by 'pvescout notify test'; no route has changed", since: date),
      isFirst: false)
  }
}
