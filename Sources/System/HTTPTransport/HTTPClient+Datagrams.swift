extension HTTPClient {
  /// Sends a UDP datagram and waits for an answer to it.
  ///
  /// - Parameters:
  ///   - host: a literal address.
  ///   - accepts: which answer is the one waited for; others are passed over.
  package func exchange(
    _ payload: [UInt8], with host: String, port: UInt16, timeout: Duration,
    accepts: @escaping @Sendable ([UInt8]) -> Bool
  ) async throws(HTTPTransportError) -> DatagramAnswer {
    let inbox = try inbox(for: "udp://\(host):\(port)")
    let ticket = TransferTicket()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        inbox.post(
          .exchange(
            DatagramSubmission(
              host: host, port: port, payload: payload, timeout: timeout, accepts: accepts, ticket: ticket,
              answer: answer)))
      }
    } onCancel: {
      ticket.cancel()
      inbox.post(.cancel(ticket))
    }
    return try result.get()
  }
}
