import AgentConfiguration
import ProxmoxDiscovery
import Reconciliation
import ReverseProxy
import RouteModel
import StreamProxy

extension RouteSettings {
  init(_ configuration: AgentConfiguration) {
    self.init(
      defaultHost: configuration.defaultHost,
      clusterTrust: Dictionary(configuration.clusters.map { ($0.name, $0.trust) }) { first, _ in first },
      listening: configuration.proxy.flatMap(ListenSettings.init))
  }
}

extension ListenSettings {
  fileprivate init?(_ proxy: ProxyConfiguration) {
    guard let bind = IPAddress(proxy.streams.bind) else { return nil }
    self.init(http: proxy.http?.listenAddress, https: proxy.https?.listenAddress, bind: bind)
  }
}

extension ProxyConfiguration.Address {
  fileprivate var listenAddress: ListenAddress? { IPAddress(host).map { ListenAddress($0, port: port) } }
}
