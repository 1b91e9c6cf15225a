import Logging

// The inventory cache on disk.
extension ClusterDiscovery {
  /// Changes within this time are written together, to spare flash storage.
  private static let pauseBetweenSaves = Duration.seconds(20)

  /// Saves the inventory soon after it changed, and once more at the end.
  func saveRepeatedly() async {
    guard let cache = environment.cache else { return }
    var savedRevision: UInt64 = 0
    var isFailing = false
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1))
      guard builder.revision != savedRevision, !isSilenced, !Task.isCancelled else { continue }
      savedRevision = builder.revision
      isFailing = await save(to: cache, wasFailing: isFailing)
      // The first saves follow each other quickly, because much is learned at the start.
      if plan.isFirstRoundOver { try? await Task.sleep(for: Self.pauseBetweenSaves) }
    }
    if !isSilenced { _ = await save(to: cache, wasFailing: isFailing) }
  }

  private func save(to cache: InventoryCache, wasFailing: Bool) async -> Bool {
    let error = await cache.save(builder, of: configuration)
    if let error, !wasFailing {
      logger.warning("inventory not saved", metadata: ["error": "\(error)"])
    }
    return error != nil
  }
}
