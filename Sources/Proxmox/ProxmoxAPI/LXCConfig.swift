import JSONDocument

/// The part of `GET /nodes/{n}/lxc/{id}/config` that discovery uses.
package struct LXCConfig: Hashable, Sendable {
  package var hostname: String?
  package var networks: [ConfiguredNetwork]

  init?(_ data: JSONValue) {
    guard let config = data.object else { return nil }
    hostname = data["hostname"].nonEmptyString
    networks = ConfiguredNetwork.all("net", in: config)
  }
}
