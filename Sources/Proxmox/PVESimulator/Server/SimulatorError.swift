/// Why a simulator could not start.
package enum SimulatorError: Error, CustomStringConvertible {
  case noCertificate(String)
  /// No port was free on all addresses at once.
  case noCommonPort(addresses: [String])

  package var description: String {
    switch self {
    case .noCertificate(let reason): "cannot make a certificate for the simulated cluster: \(reason)"
    case .noCommonPort(let addresses):
      "found no port that is free on each of \(addresses.joined(separator: ", ")): choose other addresses"
    }
  }
}
