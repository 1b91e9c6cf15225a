import FoundationEssentials
import Glibc

extension HookProcess {
  /// Calls `posix_spawn` with default signal handling, a new process group, empty input, and no descriptors but the
  /// three standard ones. The code is an `errno` value, 0 if the program runs.
  static func spawn(
    _ arguments: [String], environment: [String: String], output: Int32
  ) -> (processID: pid_t, code: Int32) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    for descriptor in STDERR_FILENO + 1...highestDescriptor + roomAbove {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    var processID: pid_t = 0
    let code = withCStrings(arguments) { argv in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
        posix_spawnp(&processID, arguments[0], &actions, &attributes, argv, envp)
      }
    }
    return (processID, code)
  }

  /// Most descriptors would be closed anyway (`FD_CLOEXEC`), but perhaps not those of a library.
  private static var highestDescriptor: Int32 {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return (names ?? []).compactMap { Int32($0) }.max() ?? STDERR_FILENO
  }

  /// Covers descriptors that other threads open between that check and the spawn: each gets the lowest free number.
  private static let roomAbove: Int32 = 256

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
