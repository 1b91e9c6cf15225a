/// A request in the proxy, with the route that serves it.
///
/// `Head` is what the server read: method, target, headers. Only the serving thread counts references to the route's
/// binding, so attaching it allocates nothing and never waits.
// Public for the same reason as `RouteBinding`.
public struct RoutedRequest<Head, Binding: RouteBinding>: ~Copyable {
  public var head: Head
  @usableFromInline var attached: BindingReference<Binding>?

  @inlinable
  public init(_ head: Head) { self.head = head }

  /// Nil until a route is attached.
  @inlinable
  public var binding: Binding? {
    switch attached {
    case .some(let reference): reference.binding
    case nil: nil
    }
  }

  @inlinable
  public var route: RegisteredRoute? { binding?.registered }

  @inlinable
  public mutating func attach(_ route: consuming BindingReference<Binding>) { attached = consume route }

  @inlinable
  public mutating func detach() { attached = nil }
}

extension RoutedRequest {
  /// The upstream's names for access logs and forwarded headers; nil for a request without a route.
  package var upstream: UpstreamNames? { route?.upstream }
}
