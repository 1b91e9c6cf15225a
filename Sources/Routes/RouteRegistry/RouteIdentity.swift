/// Identifies a registered route, for comparison with those that the caller retains. It counts no reference and does
/// not imply that the route still exists.
public struct RouteIdentity: BitwiseCopyable, Hashable, Sendable {
  @usableFromInline let address: UInt

  init(_ reference: ActiveRoutes.Reference) { address = UInt(bitPattern: reference.toOpaque()) }
  init(_ route: RegisteredRoute) { address = UInt(bitPattern: ObjectIdentifier(route)) }
}

extension RegisteredRoute {
  public var identity: RouteIdentity { RouteIdentity(self) }
}
