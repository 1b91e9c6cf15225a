import Glibc
import NIOCore

/// Sends datagrams from a chosen address of a socket that is bound to all of them: NIO reports the destination of a
/// received datagram, but cannot set the source of a sent one (ip(7), IP_PKTINFO; RFC 3542 §6).
enum ChosenSource {
  /// Returns false, without sending, if the address cannot be a source, such as a broadcast address. If the socket's
  /// buffer is full, the datagram is lost, as UDP allows.
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

  /// A `cmsghdr` (cmsg(3)) followed by an `in_pktinfo` or `in6_pktinfo`, as words for its alignment. The routing table
  /// chooses the interface.
  private static func control(_ source: SocketAddress) -> [Int]? {
    switch source.protocol {
    case .inet:
      // The source follows the interface's index; the header's destination after it is used only on receipt.
      control(.ip, IP_PKTINFO, payload: 12, words: 4, addressAt: 4, source, bytes: 4..<8)
    case .inet6: control(.ipv6, IPV6_PKTINFO, payload: 20, words: 5, addressAt: 0, source, bytes: 8..<24)
    default: nil
    }
  }

  /// - Parameter bytes: the position of the address in `sockaddr_in` or `sockaddr_in6` (ip(7), ipv6(7)).
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
