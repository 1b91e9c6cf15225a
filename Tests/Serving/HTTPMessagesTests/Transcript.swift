import HTTPMessages
import NIOCore

/// The messages in a connection's bytes, parsed from pieces.
struct Transcript: Hashable {
  struct Message: Hashable {
    /// The method and target, or the status.
    var start: [String]
    var minorVersion: UInt8
    var framing: BodyFraming
    var isPersistent: Bool
    var fields: [Field]
    var body: [UInt8] = []
    var trailers: [Field]?
    var isComplete = false
  }

  struct Field: Hashable {
    var name: String
    var value: String
    var isHopByHop: Bool

    static func all(of fields: HeadFields) -> [Field] {
      fields.lines.map { Field(name: fields.name(of: $0), value: fields.value(of: $0), isHopByHop: $0.isHopByHop) }
    }
  }

  var messages: [Message] = []
  var fault: MessageFault?
  /// The number of remaining bytes; 0 after a fault, which ends the connection.
  var waiting = 0

  init(ofRequests pieces: [[UInt8]], limits: MessageLimits = MessageLimits()) {
    var parser = RequestHeadParser(limits: limits)
    self.init(pieces, limits) { (input) throws(MessageFault) in
      try parser.next(from: &input).map { head in
        Message(
          start: [head.methodName, head.target, head.host], minorVersion: head.minorVersion, framing: head.framing,
          isPersistent: head.isPersistent, fields: Field.all(of: head.fields))
      }
    }
  }

  /// - Parameter method: the method of the answered requests.
  init(ofResponses pieces: [[UInt8]], to method: RequestMethod = .get, limits: MessageLimits = MessageLimits()) {
    var parser = ResponseHeadParser(limits: limits)
    self.init(pieces, limits) { (input) throws(MessageFault) in
      try parser.next(from: &input).map { head in
        Message(
          start: ["\(head.status)", head.fields.text(head.reasonRange)], minorVersion: head.minorVersion,
          framing: head.framing(for: method), isPersistent: head.isPersistent, fields: Field.all(of: head.fields))
      }
    }
  }

  private init(
    _ pieces: [[UInt8]], _ limits: MessageLimits,
    nextHead: (inout ByteBuffer) throws(MessageFault) -> Message?
  ) {
    var input = ByteBuffer()
    var decoder: BodyDecoder?
    do throws(MessageFault) {
      for piece in pieces {
        input.writeBytes(piece)
        while true {
          if decoder == nil {
            guard let message = try nextHead(&input) else { break }
            messages.append(message)
            decoder = BodyDecoder(message.framing, limits: limits)
          }
          guard let next = try decoder?.next(from: &input) else { break }
          if take(next) { decoder = nil }
        }
      }
      waiting = input.readableBytes
    } catch {
      fault = error
    }
  }

  /// Appends to the last message; returns whether that was its end.
  private mutating func take(_ piece: BodyDecoder.Piece) -> Bool {
    let last = messages.count - 1
    switch piece {
    case .bytes(let bytes):
      messages[last].body += bytes.readableBytesView
      return false
    case .end(let trailers):
      messages[last].trailers = trailers.map(Field.all)
      messages[last].isComplete = true
      return true
    }
  }
}

extension [UInt8] {
  /// Each way to cut these bytes in two, and the one that passes each byte separately.
  var cuts: [[[UInt8]]] {
    indices.dropFirst().map { [Array(self[..<$0]), Array(self[$0...])] } + [map { [$0] }]
  }
}
