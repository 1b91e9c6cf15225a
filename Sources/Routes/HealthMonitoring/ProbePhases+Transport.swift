import HTTPTransport
import RouteModel

extension ProbePhases {
  /// Converts the times at which the phases ended into their durations.
  init(_ timings: PhaseTimings) {
    let isConnected = timings.connect > .zero
    let hasTLS = timings.tlsHandshake > .zero
    self.init(
      nameLookup: isConnected ? timings.nameLookup : nil,
      connect: isConnected ? timings.connect - timings.nameLookup : nil,
      tlsHandshake: hasTLS ? timings.tlsHandshake - timings.connect : nil,
      firstByte: timings.firstByte > .zero
        ? max(.zero, timings.firstByte - max(timings.connect, timings.tlsHandshake)) : nil)
  }
}
