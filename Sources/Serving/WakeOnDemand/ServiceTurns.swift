/// The clients of a service that does not answer yet: one of them tries, the others wait for the result.
struct ServiceTurns {
  enum Turn: Sendable {
    /// The client that tried has ended its attempts: this one is next.
    case isNext
    /// The service answers.
    case isUp
  }

  /// Nil if no client is left.
  private(set) var trying: GuestGate.Watch?
  var waiting: [GuestGate.Watch: @Sendable (Turn) -> Void] = [:]

  init(trying: GuestGate.Watch) { self.trying = trying }

  /// Removes a client; returns what to call, without a lock.
  mutating func remove(_ place: GuestGate.Watch, hasAnswered: Bool) -> [@Sendable () -> Void] {
    guard place == trying else {
      waiting[place] = nil
      return []
    }
    if hasAnswered {
      defer { (trying, waiting) = (nil, [:]) }
      return waiting.values.map { onTurn in { onTurn(.isUp) } }
    }
    guard let next = waiting.first else {
      trying = nil
      return []
    }
    waiting[next.key] = nil
    trying = next.key
    return [{ next.value(.isNext) }]
  }
}
