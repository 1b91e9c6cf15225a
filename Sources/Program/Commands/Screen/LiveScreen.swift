import ControlClient
import FoundationEssentials
import Glibc
import Synchronization
import UnixSignals

/// A view that fills the terminal: redrawn after each change, it scrolls, waits for an agent that goes away, and ends on
/// `q` or a signal. The terminal is as before, however it ends.
struct LiveScreen<Board: LiveBoard>: Sendable {
  typealias Ask = @Sendable () async throws(ControlClientError) -> Board.Value

  /// Written by the tasks that ask and read keys, read by the one that draws.
  private final class State: Sendable {
    struct Values {
      var board: Board
      var position = ScrollPosition()
      /// Of the page as it was drawn last.
      var lines = 0
      var room = 0
      /// While the terminal is the shell's.
      var isSuspended = false
    }

    let values: Mutex<Values>
    init(_ board: Board) { values = Mutex(Values(board: board)) }
  }

  /// In microseconds.
  private static var timeToStop: UInt32 { 50_000 }

  private let watch: AgentWatch
  private let usesColor: Bool
  private let ask: Ask
  private let board: Board

  init(_ board: Board, watch: AgentWatch, usesColor: Bool, ask: @escaping Ask) {
    (self.board, self.watch, self.usesColor, self.ask) = (board, watch, usesColor, ask)
  }

  /// Throws if the first request to the agent fails.
  func run() async throws {
    var board = board
    board.apply(try await ask())
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigquit, .sigwinch, .sigcont)
    let keyboard = Keyboard()
    keyboard?.enter()
    defer { keyboard?.leave() }
    try Terminal.print(TerminalScreen.enter)
    defer { try? Terminal.print(TerminalScreen.leave) }
    try await show(State(board), keyboard, until: signals)
  }

  /// The first task to end ends all: `q`, a signal, or the output was closed.
  private func show(_ state: State, _ keyboard: Keyboard?, until signals: UnixSignalsSequence) async throws {
    let (draws, draw) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    draw.yield()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await follow(signals, state, keyboard, draw) }
      if let keyboard { group.addTask { await follow(keyboard, state, draw) } }
      group.addTask {
        try await watch.run {
          let answer = await answer()
          state.values.withLock { $0.board.apply(answer, at: Date()) }
          draw.yield()
        }
      }
      group.addTask {
        for await _ in draws { try self.draw(state) }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func follow(
    _ signals: UnixSignalsSequence, _ state: State, _ keyboard: Keyboard?, _ draw: AsyncStream<Void>.Continuation
  ) async throws {
    for await signal in signals {
      switch signal {
      case .sigwinch: draw.yield()
      // The shell may have used the terminal in the meantime.
      case .sigcont: resume(state, keyboard, draw)
      default: return
      }
    }
  }

  /// Returns on `q`, and if the terminal is gone.
  private func follow(_ keyboard: Keyboard, _ state: State, _ draw: AsyncStream<Void>.Continuation) async {
    await keyboard.read { key in
      switch key {
      case .quit: return false
      case .suspend: suspend(state, keyboard, draw)
      default:
        state.values.withLock { $0.position.move(key, lines: $0.lines, room: $0.room) }
        draw.yield()
      }
      return true
    }
  }

  private func suspend(_ state: State, _ keyboard: Keyboard, _ draw: AsyncStream<Void>.Continuation) {
    state.values.withLock { $0.isSuspended = true }
    try? Terminal.print(TerminalScreen.leave)
    keyboard.leave()
    // As the terminal does it: the whole job.
    kill(0, SIGTSTP)
    // The kernel stops no job without a shell that could continue it (POSIX: an orphaned process group).
    usleep(Self.timeToStop)
    if state.values.withLock({ $0.isSuspended }) { resume(state, keyboard, draw) }
  }

  private func resume(_ state: State, _ keyboard: Keyboard?, _ draw: AsyncStream<Void>.Continuation) {
    keyboard?.enter()
    try? Terminal.print(TerminalScreen.enter)
    state.values.withLock { $0.isSuspended = false }
    draw.yield()
  }

  private func answer() async -> Result<Board.Value, ControlClientError> {
    do throws(ControlClientError) { return .success(try await ask()) } catch { return .failure(error) }
  }

  private func draw(_ state: State) throws {
    let (columns, height) = TerminalScreen.size
    let lines: [String]? = state.values.withLock { values in
      guard !values.isSuspended else { return nil }
      let page = values.board.page(width: max(1, columns - 1), usesColor: usesColor, now: Date())
      (values.lines, values.room) = (page.body.count, page.room(height: height))
      values.position.keepWithin(lines: values.lines, room: values.room)
      return page.lines(height: height, from: values.position.top)
    }
    if let lines { try Terminal.print(TerminalScreen.frame(lines)) }
  }
}

extension LiveBoard {
  fileprivate mutating func apply(_ answer: Result<Value, ControlClientError>, at date: Date) {
    switch answer {
    case .success(let value): apply(value)
    case .failure(let error): lose("\(error)", at: date)
    }
  }
}
