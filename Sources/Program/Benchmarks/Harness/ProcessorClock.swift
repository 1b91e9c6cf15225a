import Glibc

/// Processor time, user and system.
enum ProcessorClock {
  /// Of this process: all threads.
  static var now: Duration { time(of: CLOCK_PROCESS_CPUTIME_ID) }
  static var ofThread: Duration { time(of: CLOCK_THREAD_CPUTIME_ID) }

  private static func time(of clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
