import HTTPTransport

extension HTTPTransportError {
  /// The text, with advice for the case that the other end should be PVE.
  var descriptionOfPVE: String { advice.map { "\(self); \($0)" } ?? description }

  /// Nil if the text already contains it.
  private var advice: String? {
    let service = "see on the node: systemctl status pveproxy pvedaemon"
    switch self {
    case .nameLookupFailed: return "see this machine's DNS, or give the node's address as the endpoint"
    case .timedOut("connecting", _): return "is the address right, the node up, and no firewall between?"
    case .timedOut: return "it accepts connections and keeps silent: \(service)"
    case .cannotConnect: return "is the address right, and the node up?"
    case .connectionClosed: return "does PVE's web service restart, or did something between cut it off? \(service)"
    case .malformedResponse: return "is this PVE's port, 8006?"
    case .bodyTooLarge: return "is the endpoint a PVE API?"
    default: return nil
    }
  }
}
