package import PeerTrust
package import RouteModel

/// The settings in pvescout.yml that apply to all routes.
package struct RouteSettings: Hashable, Sendable {
  package var defaultHost: DefaultHost
  /// `tls` of each cluster, for its nodes' own APIs.
  package var clusterTrust: [ClusterName: TrustPolicy]
  /// Nil if no routes are served, so that no route listens.
  package var listening: ListenSettings?

  package init(
    defaultHost: DefaultHost = .none, clusterTrust: [ClusterName: TrustPolicy] = [:], listening: ListenSettings? = nil
  ) {
    (self.defaultHost, self.clusterTrust, self.listening) = (defaultHost, clusterTrust, listening)
  }
}

/// The listen addresses of `proxy` and of stream routes.
package struct ListenSettings: Hashable, Sendable {
  package var http: ListenAddress?
  package var https: ListenAddress?
  /// The address of stream routes without `bind`.
  package var bind: IPAddress

  package init(http: ListenAddress? = nil, https: ListenAddress? = nil, bind: IPAddress) {
    (self.http, self.https, self.bind) = (http, https, bind)
  }

  /// The address of a stream route; nil for a route without a port of its own.
  package func address(of route: RouteDeclaration, isDatagram: Bool) -> ListenAddress? {
    guard let port = route.port?.listen, let host = route.bind.map({ IPAddress($0) }) ?? bind else { return nil }
    return ListenAddress(host, port: port, isDatagram: isDatagram)
  }
}
