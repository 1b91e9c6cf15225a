import TestSupport
import Testing

/// One fake cluster for all tests of a suite; a test that changes it cleans up, or starts its own.
struct SharedCluster: SuiteTrait, TestScoping {
  @TaskLocal static var current: FakePVE?

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let cluster = try await FakePVE.start()
    try await Self.$current.withValue(cluster) { try await function() }
    try await cluster.stop()
  }

  static func required(sourceLocation: SourceLocation = #_sourceLocation) throws -> FakePVE {
    try #require(current, "the suite lacks .sharedCluster", sourceLocation: sourceLocation)
  }
}

extension Trait where Self == SharedCluster {
  static var sharedCluster: Self { SharedCluster() }
}
