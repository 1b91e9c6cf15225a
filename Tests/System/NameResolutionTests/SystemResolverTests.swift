import Glibc
import Testing

@testable import NameResolution

@Suite(.timeLimit(.minutes(2))) struct SystemResolverTests {
  /// In a separate process, which runs out of descriptors.
  @Test func aShortageProvesNothingAboutTheName() async {
    await #expect(processExitsWith: .success) {
      var limits = rlimit(rlim_cur: 0, rlim_max: 0)
      guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { exit(2) }
      // The hosts file, which has this name, cannot be opened: the resolver then reports that the name does not exist.
      #expect(SystemResolver.lookUp("localhost") == .failure(.shortage(reason: "Too many open files")))
    }
  }
}
