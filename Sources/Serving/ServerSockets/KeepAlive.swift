import Glibc
import NIOCore
package import NIOPosix

/// TCP keep-alive (RFC 9293 §3.8.4): detects a peer that has silently disappeared within two minutes, even without
/// traffic. A peer that is only silent, or does not read, is not affected.
enum KeepAlive {
  /// In seconds: the idle time before the first probe, and the time between probes; and the number of unanswered
  /// probes.
  static let values: [(option: Int32, value: Int)] = [(TCP_KEEPIDLE, 60), (TCP_KEEPINTVL, 15), (TCP_KEEPCNT, 4)]
}

extension ServerBootstrap {
  /// Enables keep-alive for accepted connections.
  package func keepAlive() -> ServerBootstrap {
    KeepAlive.values.reduce(childChannelOption(.socketOption(.so_keepalive), value: 1)) {
      $0.childChannelOption(ChannelOptions.tcpOption(.init(rawValue: $1.option)), value: $1.value)
    }
  }
}

extension ClientBootstrap {
  /// Enables keep-alive for outgoing connections.
  package func keepAlive() -> ClientBootstrap {
    KeepAlive.values.reduce(channelOption(.socketOption(.so_keepalive), value: 1)) {
      $0.channelOption(ChannelOptions.tcpOption(.init(rawValue: $1.option)), value: $1.value)
    }
  }
}
