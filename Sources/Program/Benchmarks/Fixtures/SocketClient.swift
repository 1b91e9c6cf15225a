import Foundation
import Glibc

/// A minimal HTTP/1.1 client of a Unix socket, for one request at a time.
final class SocketClient {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let descriptor: Int32
  private var room = [UInt8](repeating: 0, count: 1 << 18)
  /// Bytes of the answer that were read and not yet processed, usually its head.
  private var filled = 0

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw Failure(description: "no connection to \(path): errno \(errno)") }
  }

  deinit { close(descriptor) }

  func request(_ path: String) throws {
    let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
    guard write(descriptor, request, request.utf8.count) == request.utf8.count else {
      throw Failure(description: "the request was not taken: errno \(errno)")
    }
    filled = 0
  }

  func awaitFirstByte() throws { try readMore() }

  /// Reads the answer to its end; returns its number of bytes.
  ///
  /// - Parameter onRead: called after each read.
  func readAnswer(onRead: () -> Void = {}) throws -> Int {
    while headEnd == nil { try readMore() }
    guard let end = headEnd, room.starts(with: Array("HTTP/1.1 200 ".utf8)) else {
      throw Failure(description: "answered \(String(decoding: room[..<min(filled, 40)], as: UTF8.self))")
    }
    let head = String(decoding: room[..<end], as: UTF8.self)
    var total = filled
    let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
      .flatMap { Int($0.dropFirst(16)) }
    // Neither JSON nor a page of metrics ends like the last chunk of a body.
    while length.map({ total < end + $0 }) ?? !room[..<filled].suffix(7).elementsEqual("\r\n0\r\n\r\n".utf8) {
      let kept = min(filled, 7)
      if filled > room.count / 2 {
        for index in 0..<kept { room[index] = room[filled - kept + index] }
        filled = kept
      }
      let before = filled
      try readMore()
      total += filled - before
      onRead()
    }
    return total
  }

  private var headEnd: Int? {
    guard filled > 3 else { return nil }
    return (3..<min(filled, 1024)).first {
      room[$0] == 0x0a && room[$0 - 1] == 0x0d && room[$0 - 2] == 0x0a && room[$0 - 3] == 0x0d
    }.map { $0 + 1 }
  }

  private func readMore() throws {
    let count = room[filled...].withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { throw Failure(description: "the connection ended: errno \(errno)") }
    filled += count
  }
}
