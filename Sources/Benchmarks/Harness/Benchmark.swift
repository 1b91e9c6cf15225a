/// One row of the benchmark: a name of the contract at one size.
struct Benchmark: Sendable {
  /// Runs about so many operations and tells what they took; set-up and clean-up are not in it.
  typealias Sampler = (_ operations: Int) async throws -> Sample

  let name: String
  let size: Int
  /// What the numbers stand for, and the form of the keys.
  let note: String
  /// Whether it works at a pace of its own, so that more operations only take longer.
  let isPaced: Bool
  /// Builds what the row works on. It runs for rows that are asked for only.
  let prepare: @Sendable () async throws -> Sampler

  init(
    _ name: String, size: Int, note: String = "", isPaced: Bool = false,
    prepare: @escaping @Sendable () async throws -> Sampler
  ) {
    (self.name, self.size, self.note, self.isPaced, self.prepare) = (name, size, note, isPaced, prepare)
  }

  /// Whether any of the filters is part of the name; no filter takes every row.
  func matches(_ filters: [String]) -> Bool {
    filters.isEmpty || filters.contains { name.contains($0) }
  }
}
