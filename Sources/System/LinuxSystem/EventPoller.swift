import CLinux
import Glibc

/// An epoll instance; each watched descriptor carries the number of its owner.
package final class EventPoller {
  /// The readiness of a watched descriptor.
  package struct Event {
    package let descriptor: Int32
    package let owner: UInt32
    fileprivate let events: UInt32

    package var isReadable: Bool { events & EventPoller.readable != 0 }
    package var isWritable: Bool { events & EventPoller.writable != 0 }
    package var hasFailed: Bool { events & EventPoller.failed != 0 }
    /// The other end sends no more, or the connection is broken. The end of the input is reported only to
    /// ``watchEdges(_:owner:)``, as is urgent data.
    package var hasEnded: Bool { events & (EventPoller.ended | EventPoller.failed) != 0 }
    /// There is urgent data (tcp(7)): reading stops there once, although more follows.
    package var isUrgent: Bool { events & EventPoller.urgent != 0 }
  }

  private static let readable = EPOLLIN.rawValue
  private static let writable = EPOLLOUT.rawValue
  private static let urgent = EPOLLPRI.rawValue
  private static let ended = EPOLLRDHUP.rawValue
  private static let failed = EPOLLERR.rawValue | EPOLLHUP.rawValue

  private let epoll: Int32
  private let buffer = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 128)

  package init() throws(SystemError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    // From here on `deinit` runs, even if this throws.
    guard epoll >= 0 else { throw SystemError("epoll_create1") }
  }

  deinit {
    close(epoll)
    buffer.deallocate()
  }

  /// Starts to watch a descriptor, or changes the watched events.
  package func watch(_ descriptor: Int32, owner: UInt32, reads: Bool, writes: Bool) {
    var event = event(descriptor, owner, (reads ? Self.readable : 0) | (writes ? Self.writable : 0))
    // A closed descriptor is removed from epoll automatically, so that its number may be unknown when it is reused.
    if epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) != 0, errno == ENOENT {
      epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }
  }

  /// Watches a new descriptor for all events: its readiness is reported now and at each change to ready (epoll(7),
  /// edge-triggered). Once it is readable, the caller must read until nothing is left.
  package func watchEdges(_ descriptor: Int32, owner: UInt32) throws(SystemError) {
    var event = event(descriptor, owner, Self.readable | Self.urgent | Self.writable | Self.ended | EPOLLET.rawValue)
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SystemError("epoll_ctl") }
  }

  package func unwatch(_ descriptor: Int32) {
    var event = epoll_event()
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
  }

  /// Waits for events up to a time limit, or without one for nil. An interrupted wait reports no events.
  package func wait(milliseconds: Int32?, _ body: (Event) -> Void) {
    let count = epoll_wait(epoll, buffer.baseAddress, Int32(buffer.count), milliseconds ?? -1)
    for index in 0..<max(0, Int(count)) {
      let event = buffer[index]
      body(
        Event(
          descriptor: Int32(truncatingIfNeeded: event.data.u64),
          owner: UInt32(truncatingIfNeeded: event.data.u64 >> 32), events: event.events))
    }
  }

  private func event(_ descriptor: Int32, _ owner: UInt32, _ events: UInt32) -> epoll_event {
    var event = epoll_event()
    event.events = events
    event.data.u64 = UInt64(owner) << 32 | UInt64(UInt32(bitPattern: descriptor))
    return event
  }
}
