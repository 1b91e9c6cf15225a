/// Identifies a registered route, for comparison with those that the caller retains. It counts no reference and does
/// not imply that the route still exists.
public struct RouteIdentity: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline let address: UInt
  /// Where a table of routes begins to search: the hash of the alias in that registry.
  ///
  /// It is known before the route is found, so that a processor can load from such a table at the same time.
  @usableFromInline let hash: UInt32

  init(_ reference: ActiveRoutes.Reference, _ key: AliasKey) {
    (address, hash) = (UInt(bitPattern: reference.toOpaque()), key.hash)
  }

  @inlinable
  public static func == (left: Self, right: Self) -> Bool { left.address == right.address }
}
