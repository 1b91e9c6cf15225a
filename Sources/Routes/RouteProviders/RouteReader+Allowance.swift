import RouteModel
import YAMLDocument

extension RouteReader {
  /// What `middlewares.cidr_whitelist` allows, and the name under which it is written; nil if there is none, or it cannot be
  /// enforced as written: it allows no client, has exceptions, or `real_ip` decides who a client is.
  func allowance(in middlewares: YAMLMapping) -> (name: String, allowed: ClientAllowance)? {
    guard let entry = middlewares.entry("cidr_whitelist"), middlewares.entry("real_ip") == nil else { return nil }
    let allowed = middlewares.mapping("cidr_whitelist") { section -> ClientAllowance? in
      let texts = section.strings("allow") ?? []
      let status = section.int("status_code", in: 400...599) ?? section.int("status", in: 400...599) ?? 403
      let message = section.string("message")
      let known = section.accept(["allow", "status_code", "status", "message", "priority"]).count
      let isUnderstood = section.acceptAll().filter { !$0.value.isNull }.count == known
      let networks = texts.compactMap { network($0, section) }
      guard isUnderstood, !networks.isEmpty, networks.count == texts.count else { return nil }
      return ClientAllowance(networks: networks, status: UInt16(status), message: message)
    }
    return allowed.flatMap { $0 }.map { (entry.key, $0) }
  }

  private func network(_ text: YAMLText, _ section: YAMLMapping) -> IPNetwork? {
    let network = IPNetwork(orAddress: text.value)
    if network == nil {
      section.reader.report(
        "an entry of allow must be an address or a network, such as 10.0.0.2 or 10.0.0.0/24, found '\(text.written)'",
        at: text.position)
    }
    return network
  }
}
