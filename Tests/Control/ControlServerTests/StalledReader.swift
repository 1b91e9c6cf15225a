import Glibc
import TestSupport

/// A client that sends a request over a Unix socket and never reads the answer; it is closed with this value.
final class StalledReader: Sendable {
  private let descriptor: Int32

  init(asking path: String, on socket: String) throws {
    descriptor = try Sockets.connect(to: socket)
    let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
    guard write(descriptor, request, request.utf8.count) == request.utf8.count else { throw Sockets.Failure() }
  }

  deinit { close(descriptor) }

  /// Waits until the server cannot send more: the amount of unread data no longer grows.
  func fillUp() async throws {
    var (last, repeats) = (Int32(0), 0)
    try await eventually("the socket is full") {
      var unread: Int32 = 0
      _ = ioctl(descriptor, UInt(FIONREAD), &unread)
      (last, repeats) = (unread, unread > 0 && unread == last ? repeats + 1 : 0)
      return repeats == 10 ? () : nil
    }
  }
}
