import Glibc
import NIOCore
import PrintableText

/// The Date field for responses without one (RFC 9110 §6.6.1), formatted once a second.
///
/// As coarse as ``Deadlines``: late by at most one tick interval.
final class ResponseDate {
  private let deadlines: Deadlines
  private var refreshedAt: NIODeadline?
  private var second: Int?
  private var storedText = ""
  private var storedLine = ByteBuffer()

  init(_ deadlines: Deadlines) { self.deadlines = deadlines }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`
  var text: String {
    refresh()
    return storedText
  }

  /// The whole header line, with its line end.
  var line: ByteBuffer {
    refresh()
    return storedLine
  }

  private func refresh() {
    guard refreshedAt != deadlines.now else { return }
    refreshedAt = deadlines.now
    let now = time(nil)
    guard second != now else { return }
    second = now
    storedText = HTTPDate.text(now)
    storedLine = ByteBuffer(string: "Date: \(storedText)\r\n")
  }
}
