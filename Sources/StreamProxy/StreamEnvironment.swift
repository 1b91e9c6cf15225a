import Logging
import NIOCore
import NIOSSL
import RouteRegistry

/// What every listener and connection of the stream proxy needs.
struct StreamEnvironment: Sendable {
  let configuration: StreamConfiguration
  let proxyProtocol: ProxyProtocolPolicy
  let registry: RouteRegistry
  let group: any EventLoopGroup
  /// The certificate for a client that asks for that name, or for none.
  let certificates: @Sendable (String?) -> NIOSSLContext?
  let report: @Sendable (StreamRecord) -> Void
  let refusals: RefusalLog
  let connections = OpenConnections()
  let logger: Logger

  /// Ends a connection's story: counted, and told where it was refused for a reason that was not told before.
  func end(_ record: StreamRecord) {
    refusals.note(record)
    report(record)
  }
}
