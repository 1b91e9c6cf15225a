import CCurl
import Glibc

/// An epoll instance; each watched descriptor carries the number of its owner.
final class EventPoller {
  struct Event {
    var descriptor: Int32
    var owner: UInt32
    var isReadable: Bool
    var isWritable: Bool
    var hasFailed: Bool
  }

  private static let readable = EPOLLIN.rawValue
  private static let writable = EPOLLOUT.rawValue
  private static let failed = EPOLLERR.rawValue | EPOLLHUP.rawValue

  private let epoll: Int32
  private let buffer = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 128)

  init() throws(SystemError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else {
      buffer.deallocate()
      throw SystemError("epoll_create1")
    }
  }

  deinit {
    close(epoll)
    buffer.deallocate()
  }

  /// Starts to watch a descriptor, or changes what it is watched for.
  func watch(_ descriptor: Int32, owner: UInt32, reads: Bool, writes: Bool) {
    var event = epoll_event()
    event.events = (reads ? Self.readable : 0) | (writes ? Self.writable : 0)
    event.data.u64 = UInt64(owner) << 32 | UInt64(UInt32(bitPattern: descriptor))
    // A closed descriptor leaves epoll by itself, so that its number may come back unknown.
    if epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) != 0, errno == ENOENT {
      epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }
  }

  func unwatch(_ descriptor: Int32) {
    var event = epoll_event()
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
  }

  /// Waits for events; without a timeout for as long as it takes. An interrupted wait has none.
  func wait(timeout: Duration?) -> [Event] {
    let count = epoll_wait(epoll, buffer.baseAddress, Int32(buffer.count), timeout.map(milliseconds) ?? -1)
    guard count > 0 else { return [] }
    return buffer[..<Int(count)].map { event in
      Event(
        descriptor: Int32(truncatingIfNeeded: event.data.u64), owner: UInt32(truncatingIfNeeded: event.data.u64 >> 32),
        isReadable: event.events & Self.readable != 0, isWritable: event.events & Self.writable != 0,
        hasFailed: event.events & Self.failed != 0)
    }
  }

  /// Rounded up: waking early would mean to spin until the time has come.
  private func milliseconds(_ duration: Duration) -> Int32 {
    Int32(clamping: max(0, duration.milliseconds(rounding: .up)))
  }
}
