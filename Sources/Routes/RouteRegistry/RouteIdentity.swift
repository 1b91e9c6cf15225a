/// Which registered route it is: to be compared with those that the caller holds. It counts no reference and says nothing of
/// whether that route still exists.
public struct RouteIdentity: BitwiseCopyable, Hashable, Sendable {
  @usableFromInline let address: UInt

  init(_ reference: ActiveRoutes.Reference) { address = UInt(bitPattern: reference.toOpaque()) }
  init(_ route: RegisteredRoute) { address = UInt(bitPattern: ObjectIdentifier(route)) }
}

extension RegisteredRoute {
  public var identity: RouteIdentity { RouteIdentity(self) }
}
