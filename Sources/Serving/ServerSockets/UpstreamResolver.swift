package import NIOCore
package import NIOPosix
package import NameResolution
import Synchronization

/// Gives a bootstrap the addresses that ``NameResolver`` finds; NIO's own resolver looks up one name at a time on each
/// event loop. Used for one connection.
package final class UpstreamResolver: Resolver, Sendable {
  private let names: NameResolver
  private let eventLoop: any EventLoop
  private let lookup = Mutex<(request: NameResolver.Request, addresses: EventLoopFuture<[SocketAddress]>)?>(nil)

  package init(_ names: NameResolver, on eventLoop: any EventLoop) { (self.names, self.eventLoop) = (names, eventLoop) }

  package func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    addresses(of: host, port).map { $0.filter { $0.protocol == .inet6 } }
  }

  package func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    addresses(of: host, port).map { $0.filter { $0.protocol == .inet } }
  }

  package func cancelQueries() { lookup.withLock { $0?.request }?.cancel() }

  /// One lookup returns both families.
  private func addresses(of host: String, _ port: Int) -> EventLoopFuture<[SocketAddress]> {
    if let started = lookup.withLock({ $0?.addresses }) { return started }
    let (request, addresses) = names.socketAddresses(of: host, port: port, on: eventLoop)
    lookup.withLock { $0 = (request, addresses) }
    return addresses
  }
}

extension NameResolver {
  /// The socket addresses of a host.
  package func socketAddresses(
    of host: String, port: Int, on eventLoop: any EventLoop
  ) -> (request: Request, addresses: EventLoopFuture<[SocketAddress]>) {
    let promise = eventLoop.makePromise(of: [SocketAddress].self)
    let request = resolve(host) { answer in
      switch answer {
      case .success(let found): promise.succeed(found.compactMap { SocketAddress(numeric: $0, port: port) })
      case .failure(let failure): promise.fail(failure)
      }
    }
    return (request, promise.futureResult)
  }
}

extension NIOConnectionError {
  /// Whether the name could not be looked up because this process is short of descriptors or memory.
  package var isShortage: Bool {
    if case NameFailure.shortage? = dnsAError ?? dnsAAAAError { true } else { false }
  }
}
