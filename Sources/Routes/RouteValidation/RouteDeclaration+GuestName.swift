package import RouteModel

extension RouteDeclaration {
  /// The stated host, folded, if it is the full name of the linked guest.
  package func guestName(_ link: ProxmoxLink) -> String? {
    guard let host, IPAddress(host) == nil, case .guest(_, _, let name?, _, _) = link.resource?.identity else {
      return nil
    }
    let folded = HostName.fold(host)
    return folded == HostName.fold(name) && folded != "localhost" ? folded : nil
  }
}
