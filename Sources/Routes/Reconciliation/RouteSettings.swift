package import RouteModel

/// What pvescout.yml says of all routes together.
package struct RouteSettings: Hashable, Sendable {
  package var defaultHost: DefaultHost
  /// Nil where nothing is served, so that no route listens.
  package var listening: ListenSettings?

  package init(defaultHost: DefaultHost = .none, listening: ListenSettings? = nil) {
    (self.defaultHost, self.listening) = (defaultHost, listening)
  }
}

/// Where `proxy` listens, and where stream routes do.
package struct ListenSettings: Hashable, Sendable {
  package var http: ListenAddress?
  package var https: ListenAddress?
  /// Of a stream route without `bind`.
  package var bind: IPAddress

  package init(http: ListenAddress? = nil, https: ListenAddress? = nil, bind: IPAddress) {
    (self.http, self.https, self.bind) = (http, https, bind)
  }
}
