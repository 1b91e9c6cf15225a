import NIOCore

/// Who writes to which address of this machine: one session.
struct DatagramEnds: Hashable {
  let client: SocketAddress
  /// Where the client expects its answers from; nil where the socket has no other address.
  let local: SocketAddress?

  init(_ datagram: AddressedEnvelope<ByteBuffer>) {
    client = datagram.remoteAddress
    local = datagram.metadata?.packetInfo?.destinationAddress
  }
}
