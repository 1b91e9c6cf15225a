import Glibc
import NIOCore
import PrintableText

/// The Date of responses that come without one (RFC 9110 §6.6.1), put in words once a second.
///
/// As coarse as the deadlines: at most a grain late.
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

  /// The whole line, with its end.
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
