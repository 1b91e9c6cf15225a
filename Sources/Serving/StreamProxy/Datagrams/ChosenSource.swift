import Glibc
import NIOCore

/// Sends datagrams from one of the addresses of a socket that has all of them: NIO tells where a datagram went to, but has
/// no way to say where one is to come from (ip(7), IP_PKTINFO; RFC 3542 §6).
enum ChosenSource {
  /// False, and nothing is sent, where that cannot be a source: the address of a broadcast, for one. What the socket does not
  /// take just now is lost, as UDP may.
  static func send(_ bytes: ByteBuffer, to client: SocketAddress, from source: SocketAddress, by socket: CInt) -> Bool {
    guard var control = control(source) else { return false }
    return bytes.withUnsafeReadableBytes { payload in
      client.withSockAddr { address, length in
        control.withUnsafeMutableBytes { control in
          var part = iovec(iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress), iov_len: payload.count)
          return withUnsafeMutablePointer(to: &part) { part in
            var message = msghdr()
            message.msg_name = UnsafeMutableRawPointer(mutating: address)
            message.msg_namelen = socklen_t(length)
            (message.msg_iov, message.msg_iovlen) = (part, 1)
            (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
            return sendmsg(socket, &message, 0) >= 0 || errno != EINVAL
          }
        }
      }
    }
  }

  /// A `cmsghdr` (cmsg(3)) with an `in_pktinfo` or `in6_pktinfo` behind it, in words as it has to be aligned. The interface
  /// is left to the routing table.
  private static func control(_ source: SocketAddress) -> [Int]? {
    switch source.protocol {
    case .inet:
      // Behind the interface's index stands the source; the header's destination behind that counts on arrival only.
      control(.ip, IP_PKTINFO, payload: 12, words: 4, addressAt: 4, source, bytes: 4..<8)
    case .inet6: control(.ipv6, IPV6_PKTINFO, payload: 20, words: 5, addressAt: 0, source, bytes: 8..<24)
    default: nil
    }
  }

  /// - Parameter bytes: where the address stands in `sockaddr_in` or `sockaddr_in6` (ip(7), ipv6(7)).
  private static func control(
    _ level: NIOBSDSocket.OptionLevel, _ type: CInt, payload: Int, words: Int, addressAt offset: Int,
    _ source: SocketAddress, bytes place: Range<Int>
  ) -> [Int] {
    var control = [Int](repeating: 0, count: words)
    let (wordSize, header) = (MemoryLayout<Int>.size, MemoryLayout<Int>.size + 2 * MemoryLayout<CInt>.size)
    control.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: header + payload, as: Int.self)
      bytes.storeBytes(of: level.rawValue, toByteOffset: wordSize, as: CInt.self)
      bytes.storeBytes(of: type, toByteOffset: wordSize + MemoryLayout<CInt>.size, as: CInt.self)
      source.withSockAddr { address, size in
        let address = UnsafeRawBufferPointer(start: address, count: size)[place]
        bytes[(header + offset)...].copyBytes(from: address)
      }
    }
    return control
  }
}
