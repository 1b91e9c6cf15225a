import ControlAPI
import ControlClient
import FoundationEssentials
import Synchronization
import UnixSignals

/// `pvescout health --watch` on a terminal: redraws the board after each change, until it is interrupted.
struct HealthScreen: Sendable {
  /// The state written by the requesting task and read by the drawing task.
  private final class Board: Sendable {
    let state: Mutex<HealthBoard>
    init(_ board: HealthBoard) { state = Mutex(board) }
  }

  /// Latencies and ages change without an event.
  private static let refresh = Duration.seconds(2)
  /// The minimum pause between requests, however many events occur.
  private static let rest = Duration.milliseconds(200)

  let client: ControlClient
  let usesColor: Bool

  /// Throws if the first request to the agent fails; waits for an agent that goes away later.
  func run() async throws {
    var board = HealthBoard()
    board.take(try await client.healthHistory().value)
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigquit, .sigwinch, .sigcont)
    try Terminal.print(TerminalScreen.enter)
    defer { try? Terminal.print(TerminalScreen.leave) }
    try await show(board, until: signals)
  }

  /// The first task to end ends all: a signal arrived, or the output was closed.
  private func show(_ first: HealthBoard, until signals: UnixSignalsSequence) async throws {
    let board = Board(first)
    let (asks, ask) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let (draws, draw) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    draw.yield()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await Self.follow(signals, draw) }
      group.addTask { await followEvents(ask) }
      group.addTask {
        while (try? await Task.sleep(for: Self.refresh)) != nil { ask.yield() }
      }
      group.addTask {
        for await _ in asks {
          let answer = await answer()
          board.state.withLock { $0.take(answer, at: Date()) }
          draw.yield()
          try await Task.sleep(for: Self.rest)
        }
      }
      group.addTask {
        for await _ in draws { try self.draw(board.state.withLock { $0 }) }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private static func follow(
    _ signals: UnixSignalsSequence, _ draw: AsyncStream<Void>.Continuation
  ) async throws {
    for await signal in signals {
      switch signal {
      case .sigwinch: draw.yield()
      case .sigcont:
        // Back in the foreground: the shell has used the screen in the meantime.
        try Terminal.print(TerminalScreen.enter)
        draw.yield()
      default: return
      }
    }
  }

  private func followEvents(_ ask: AsyncStream<Void>.Continuation) async {
    while !Task.isCancelled {
      do {
        for try await _ in client.events(types: ["health.changed"]) { ask.yield() }
      } catch {
        // The board shows the error, because its requests fail in the same way.
        try? await Task.sleep(for: Self.refresh)
      }
    }
  }

  private func answer() async -> Result<HealthList<HealthDetail>, ControlClientError> {
    do throws(ControlClientError) { return .success(try await client.healthHistory().value) } catch {
      return .failure(error)
    }
  }

  private func draw(_ board: HealthBoard) throws {
    let (columns, lines) = TerminalScreen.size
    let text = board.lines(width: max(1, columns - 1), height: lines, usesColor: usesColor, now: Date())
    try Terminal.print(TerminalScreen.frame(text))
  }
}

extension HealthBoard {
  fileprivate mutating func take(_ answer: Result<HealthList<HealthDetail>, ControlClientError>, at date: Date) {
    switch answer {
    case .success(let list): take(list)
    case .failure(let error): lose("\(error)", at: date)
    }
  }
}
