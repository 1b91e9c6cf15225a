extension HTTP2UpstreamConnection {
  /// The rules of a connection whose streams serve exchanges.
  struct StateMachine {
    /// Why a connection ends before it can be used.
    enum StartFailure: Hashable {
      case closed, noFrames, noStreams, goAway, timedOut
    }

    private enum State {
      /// The SETTINGS of the upstream have not come: it is not known whether it speaks HTTP/2.
      case awaitingSettings(StartFailure)
      case open
      /// No further streams are opened.
      case ending
      case closed
    }

    /// Limit of streams over the life of a connection, because stream identifiers are finite (RFC 9113 §5.1.1).
    static let maxStreams = 1_000_000

    private var state = State.awaitingSettings(.closed)
    private var streamsSoFar = 0
    /// From the upstream's GOAWAY: streams after this one were not processed (RFC 9113 §6.8).
    private var lastProcessed: UInt32?

    /// Whether streams can be opened.
    var isOpen: Bool { if case .open = state { true } else { false } }

    /// Whether the upstream has declared the stream unprocessed.
    func isUnprocessed(_ stream: UInt32) -> Bool { lastProcessed.map { stream > $0 } ?? false }

    enum SettingsAction: Hashable {
      /// The number of streams may have changed.
      case serveWaiting
      case start
      case close
    }

    /// - Parameter maxStreams: how many streams the upstream allows at a time.
    mutating func settingsReceived(maxStreams: Int) -> SettingsAction {
      guard case .awaitingSettings = state else { return .serveWaiting }
      guard maxStreams > 0 else {
        state = .awaitingSettings(.noStreams)
        return .close
      }
      state = .open
      return .start
    }

    enum StreamAction: Hashable { case none, retire }

    /// Counts a new stream.
    mutating func streamOpened() -> (isReused: Bool, then: StreamAction) {
      streamsSoFar += 1
      return (streamsSoFar > 1, streamsSoFar == Self.maxStreams ? .retire : .none)
    }

    enum ReleaseAction: Hashable { case none, close, startIdleTimeout }

    /// A stream has ended.
    func streamReleased(openStreams: Int, isDraining: Bool) -> ReleaseAction {
      guard openStreams == 0 else { return .none }
      if isDraining { return .close }
      guard case .ending = state else { return .startIdleTimeout }
      return .close
    }

    // MARK: Ends

    enum GoAwayAction: Hashable { case retire, close }

    mutating func goAwayReceived(lastStream: UInt32) -> GoAwayAction {
      lastProcessed = lastStream
      guard case .awaitingSettings = state else { return .retire }
      state = .awaitingSettings(.goAway)
      return .close
    }

    enum RetireAction: Hashable {
      case none
      /// Open no more streams, and close after the last one.
      case finishStreams
      case close
    }

    mutating func retire(openStreams: Int) -> RetireAction {
      guard case .open = state else { return .none }
      state = .ending
      return openStreams == 0 ? .close : .finishStreams
    }

    /// The upstream has sent no valid frames.
    mutating func framesFailed() {
      if case .awaitingSettings = state { state = .awaitingSettings(.noFrames) }
    }

    enum TimeoutAction: Hashable {
      case closeImmediately
      /// Close with a GOAWAY.
      case close
    }

    mutating func deadlinePassed() -> TimeoutAction {
      guard case .awaitingSettings = state else { return .close }
      state = .awaitingSettings(.timedOut)
      return .closeImmediately
    }

    /// The channel is being closed from this side.
    mutating func close() {
      if case .open = state { state = .ending }
    }

    /// The channel was closed.
    ///
    /// - Returns: why the connection could not be used; nil if it was used.
    mutating func disconnected() -> StartFailure? {
      defer { state = .closed }
      guard case .awaitingSettings(let failure) = state else { return nil }
      return failure
    }
  }
}
