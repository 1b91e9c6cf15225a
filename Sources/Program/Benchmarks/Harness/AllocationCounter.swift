import CAllocationCount

/// How often memory was asked for: malloc, calloc and realloc, of Swift's runtime and of C libraries alike.
enum AllocationCounter {
  static var ofThread: Int { Int(callocation_count_of_thread()) }

  /// Of all threads together, while ``countsAllThreads`` is on.
  static var ofProcess: Int { Int(callocation_count_of_process()) }

  static func countAllThreads<Result>(
    during body: () async throws -> Result
  ) async rethrows -> Result {
    callocation_count_all_threads(1)
    defer { callocation_count_all_threads(0) }
    return try await body()
  }
}
