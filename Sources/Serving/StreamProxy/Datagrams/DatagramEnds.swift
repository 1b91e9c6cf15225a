import NIOCore

/// A client and the address of this machine that it sends to, which together identify a session.
struct DatagramEnds: Hashable {
  let client: SocketAddress
  /// The address that the client expects answers from; nil if the socket has only one.
  let local: SocketAddress?

  init(_ datagram: AddressedEnvelope<ByteBuffer>) {
    client = datagram.remoteAddress
    local = datagram.metadata?.packetInfo?.destinationAddress
  }
}
