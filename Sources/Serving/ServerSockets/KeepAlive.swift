import Glibc
import NIOCore
package import NIOPosix

/// TCP keep-alive (RFC 9293 §3.8.4): a peer that is gone without a word is noticed within two minutes, however long
/// nothing was to be sent. One that is there and silent, or reads nothing, is left alone.
enum KeepAlive {
  /// In seconds: of silence before the first probe, and between probes; and how many go unanswered.
  static let values: [(option: Int32, value: Int)] = [(TCP_KEEPIDLE, 60), (TCP_KEEPINTVL, 15), (TCP_KEEPCNT, 4)]
}

extension ServerBootstrap {
  /// Has the kernel probe the connections that are accepted.
  package func keepAlive() -> ServerBootstrap {
    KeepAlive.values.reduce(childChannelOption(.socketOption(.so_keepalive), value: 1)) {
      $0.childChannelOption(ChannelOptions.tcpOption(.init(rawValue: $1.option)), value: $1.value)
    }
  }
}

extension ClientBootstrap {
  /// Has the kernel probe the connections that are made.
  package func keepAlive() -> ClientBootstrap {
    KeepAlive.values.reduce(channelOption(.socketOption(.so_keepalive), value: 1)) {
      $0.channelOption(ChannelOptions.tcpOption(.init(rawValue: $1.option)), value: $1.value)
    }
  }
}
