import HTTPMessages
import NIOCore
import RouteRegistry

/// Encodes the request head for an upstream: the client's, without its hop-by-hop fields, with forwarding fields.
struct RequestEncoder {
  let peer: ClientPeer
  let proxy: ProxyIdentity
  /// The protocol that the client wants to switch to; nil for none.
  let upgrade: String?
  /// Whether the upstream is asked to close the connection after its response.
  let closes: Bool
  /// The names for `upstream_headers`; nil if that is off.
  let upstream: UpstreamNames?
  /// The forwarding data of a trusted proxy and the address of its client.
  private let trusted: (record: ForwardingRecord, client: String)?

  init(for exchange: Exchange, by settings: ProxySettings, upgrade: String? = nil, closes: Bool = false) {
    (peer, proxy, self.upgrade, self.closes) = (exchange.peer, settings.identity, upgrade, closes)
    upstream = settings.configuration.addsRouteHeaders ? exchange.request.upstream : nil
    let record = peer.isTrusted ? ForwardingRecord(exchange.head.fields) : nil
    trusted = record.map { ($0, settings.client(in: $0) ?? exchange.peer.address) }
  }

  private static let addedCapacity = 320

  func encode(_ head: RequestHead, to output: inout ByteBuffer) {
    let fields = head.fields
    output.reserveCapacity(minimumWritableBytes: fields.bytes.readableBytes + Self.addedCapacity)
    var writer = HeadWriter(behind: output.removeAll())
    if head.startLineRange == nil {
      writer.copy(head.methodRange, of: fields)
      writer.write(" ")
      writer.copy(head.targetRange, of: fields)
      writer.write(" HTTP/1.1\r\n")
    }
    writer.copyLines(of: fields, behind: head.startLineRange ?? 0..<0) { keeps($0) }
    writeAdded(head, to: &writer)
    if head.framing == .chunked { writer.write("Transfer-Encoding: chunked\r\n") }
    if let upgrade {
      writer.write("Connection: Upgrade\r\nUpgrade: ")
      writer.write(upgrade)
      writer.write("\r\n")
    } else if closes {
      writer.write("Connection: close\r\n")
    }
    writer.end()
    output = writer.bytes
  }

  /// Whether a line of the client's head is copied unchanged.
  func keeps(_ line: FieldLine) -> Bool {
    guard peer.isTrusted else { return !line.isHopByHop && !line.name.isForwarding }
    return !line.isHopByHop && !Self.isExtended(line.name) && !(upstream != nil && line.name == .chosenUpstream)
  }

  /// The encoded lines that are added to those of the client.
  func addedLines(_ head: RequestHead) -> ByteBuffer {
    var writer = HeadWriter(allocator: ByteBufferAllocator(), capacity: Self.addedCapacity)
    writeAdded(head, to: &writer)
    return writer.bytes
  }

  private func writeAdded(_ head: RequestHead, to writer: inout HeadWriter) {
    if let trusted {
      writeExtended(head, trusted.record, client: trusted.client, to: &writer)
    } else {
      writePlain(head, to: &writer)
    }
    if let upstream { write(upstream, to: &writer) }
  }

  private func writePlain(_ head: RequestHead, to writer: inout HeadWriter) {
    writer.write(peer.forwardedLines)
    writer.copy(head.hostRange, of: head.fields)
    writer.write("\"\r\nX-Forwarded-Host: ")
    writer.copy(head.hostRange, of: head.fields)
    writer.write("\r\n")
  }

  /// Adds the name of the route and its target.
  private func write(_ upstream: UpstreamNames, to writer: inout HeadWriter) {
    writer.write("X-Pvescout-Upstream-Name: \(upstream.name)\r\n")
    if let scheme = upstream.scheme { writer.write("X-Pvescout-Upstream-Scheme: \(scheme)\r\n") }
    if let host = upstream.host { writer.write("X-Pvescout-Upstream-Host: \(host)\r\n") }
    if let port = upstream.port { writer.write("X-Pvescout-Upstream-Port: \(port)\r\n") }
  }

  /// Quoted, because a host with a port is no token (RFC 7239 §4).
  private func writeHost(_ head: RequestHead, to writer: inout HeadWriter) {
    writer.write("\"")
    writer.copy(head.hostRange, of: head.fields)
    writer.write("\"")
  }
}

// Behind a trusted proxy its data is kept and ours added, the same in X-Forwarded-* and in Forwarded.
extension RequestEncoder {
  /// Fields that get another entry, so that their lines are not copied unchanged.
  private static func isExtended(_ name: FieldName) -> Bool { name == .xForwardedFor || name == .forwarded }

  private func writeExtended(
    _ head: RequestHead, _ record: ForwardingRecord, client: String, to writer: inout HeadWriter
  ) {
    let fields = head.fields
    writer.write("X-Forwarded-For: \((record.addresses + [peer.address]).joined(separator: ", "))\r\nForwarded: ")
    if !record.elements.isEmpty { writer.write("\(record.elements), ") }
    writer.write("for=\(ClientPeer.node(peer.address));by=\(proxy.token)")
    // Only if no element has it yet: some servers read the first element and some the last.
    if record.scheme == nil { writer.write(";proto=\(peer.scheme)") }
    if record.host == nil {
      writer.write(";host=")
      writeHost(head, to: &writer)
    }
    writer.write("\r\n")
    if !fields.contains(.xForwardedProto) { writer.write("X-Forwarded-Proto: \(record.scheme ?? peer.scheme)\r\n") }
    if !fields.contains(.xRealIP) { writer.write("X-Real-IP: \(client)\r\n") }
    guard !fields.contains(.xForwardedHost) else { return }
    writer.write("X-Forwarded-Host: ")
    if let host = record.host { writer.write(host) } else { writer.copy(head.hostRange, of: fields) }
    writer.write("\r\n")
  }
}
