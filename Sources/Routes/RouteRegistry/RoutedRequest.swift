/// A request in the proxy, with the route that serves it.
///
/// `Head` is what the server read: method, target, headers. Only the serving thread counts references to the route's
/// binding, so attaching it allocates nothing and never waits.
// Public for the same reason as `RouteBinding`.
public struct RoutedRequest<Head> {
  public var head: Head
  @usableFromInline var attached: RouteBinding?

  @inlinable
  public init(_ head: Head) { self.head = head }

  /// Nil until a route is attached.
  @inlinable
  public var route: RegisteredRoute? { attached?.registered }

  @inlinable
  public mutating func attach(_ route: RouteBinding) { attached = route }
}

// The upstream's names for access logs and forwarded headers; nil for a request without a route. See `UpstreamNames`.
extension RoutedRequest {
  package var upstreamName: String? { route?.upstream.name }
  package var upstreamScheme: String? { route?.upstream.scheme }
  package var upstreamHost: String? { route?.upstream.host }
  package var upstreamPort: String? { route?.upstream.port }
  package var upstreamHostPort: String? { route?.upstream.hostPort }
  package var upstreamAddress: String? { route?.upstream.address }
  package var upstreamURL: String? { route?.upstream.url }
}
