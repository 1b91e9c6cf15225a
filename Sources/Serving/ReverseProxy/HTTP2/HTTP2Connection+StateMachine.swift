extension HTTP2Connection {
  /// The rules of a connection whose streams are exchanges.
  struct StateMachine {
    private enum State {
      case open
      /// The connection closes once the open streams have ended.
      case ending
      /// The same, and no further request can come.
      case inputClosed
    }

    private var state = State.open
    /// While the client does not read: the bytes that it had not read when its time limit started.
    private var blockedBytes: Int?

    private var isEnding: Bool { state != .open }

    // MARK: Streams

    /// - Returns: the time limit from now on; nil if it does not change.
    func streamOpened() -> ClientTimeLimit? { isEnding ? nil : .unlimited }

    /// A stream has ended.
    ///
    /// - Returns: the time limit of the idle connection; nil if there are other streams.
    func streamReleased(openStreams: Int) -> ClientTimeLimit? {
      guard openStreams == 0 else { return nil }
      return isEnding ? .closing : .idle
    }

    // MARK: Output

    enum WritabilityAction: Hashable { case endTimeLimit, startTimeLimit }

    mutating func writabilityChanged(isWritable: Bool, unreadBytes: Int) -> WritabilityAction {
      blockedBytes = isWritable ? nil : unreadBytes
      return isWritable ? .endTimeLimit : .startTimeLimit
    }

    enum BlockedAction: Hashable { case none, close, startTimeLimit }

    /// The client has not read everything in time.
    mutating func blockedDeadlinePassed(unreadBytes: Int) -> BlockedAction {
      guard let blockedBytes else { return .none }
      guard unreadBytes < blockedBytes else { return .close }
      self.blockedBytes = unreadBytes
      return .startTimeLimit
    }

    // MARK: Ends

    mutating func inputClosed() { state = .inputClosed }

    enum DrainAction: Hashable {
      case none
      case announceEnd
      /// Announce the end, which a responsive client answers by closing the connection soon.
      case announceEndOfIdle
    }

    mutating func drain(openStreams: Int) -> DrainAction {
      guard !isEnding else { return .none }
      state = .ending
      return openStreams == 0 ? .announceEndOfIdle : .announceEnd
    }

    /// Whether nothing more can follow.
    ///
    /// - Parameter isDrained: whether the last streams after a GOAWAY have ended.
    func isFinished(isDrained: Bool, openStreams: Int) -> Bool {
      isDrained || state == .inputClosed && openStreams == 0
    }

    enum TimeoutAction: Hashable { case close, drain }

    /// The idle connection was not used or closed in time.
    func deadlinePassed() -> TimeoutAction { isEnding ? .close : .drain }
  }
}
