import NameResolution

extension HTTPClient {
  /// Sends a UDP datagram and waits for an answer.
  ///
  /// - Parameters:
  ///   - timeout: from the look-up of the host to the answer.
  ///   - accepts: selects the answer; other datagrams are ignored. Called on the transfer thread, which waits for it.
  package func exchange(
    _ payload: [UInt8], with host: String, port: UInt16, timeout: Duration,
    accepts: @escaping @Sendable ([UInt8]) -> Bool
  ) async throws(HTTPTransportError) -> DatagramAnswer {
    let inbox = try inbox(for: "udp://\(host):\(port)")
    let name = SystemResolver.literal(host) == nil ? host : nil
    let found = try await lookUp(name, timeout: timeout)
    let rest = timeout - (found?.time ?? .zero)
    let ticket = TransferTicket()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        inbox.post(
          .exchange(
            DatagramSubmission(
              host: found?.addresses.first ?? host, port: port, payload: payload, timeout: rest, accepts: accepts,
              ticket: ticket, answer: answer)))
      }
    } onCancel: {
      ticket.cancel()
      inbox.post(.cancel(ticket))
    }
    var answer = try result.get()
    answer.nameLookup = found?.time
    return answer
  }
}
