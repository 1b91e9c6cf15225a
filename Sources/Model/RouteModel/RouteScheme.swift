/// The protocol between a route and its upstream.
package enum RouteScheme: String, Sendable, CaseIterable {
  case http, https, h2c, tcp, udp, fileserver

  /// Streams listen on their own ports; other routes are selected by the Host of a request.
  package var isStream: Bool { self == .tcp || self == .udp }

  /// The default port of this scheme, as in GoDoxy; nil for a file server.
  package var defaultPort: UInt16? {
    switch self {
    case .http, .h2c, .tcp, .udp: 80
    case .https: 443
    case .fileserver: nil
    }
  }
}

/// The default port and scheme of a well-known program.
package struct UsualPort: Hashable, Sendable {
  package var scheme: RouteScheme
  package var port: UInt16

  /// Looks up an alias' first label; nil for unknown names, and if another scheme was stated.
  package init?(of alias: RouteAlias, scheme stated: RouteScheme?) {
    let name = HostName.firstLabel(alias.folded)
    let known = [(RouteScheme.http, Self.http), (.https, Self.https), (.tcp, Self.tcp)].first { $0.1[name] != nil }
    guard let (scheme, ports) = known, let port = ports[name], stated == nil || stated == scheme else { return nil }
    (self.scheme, self.port) = (scheme, port)
  }

  // `portainer` and `crafty` as in GoDoxy, all others as in their own documentation.
  private static let http: [String: UInt16] = [
    "alertmanager": 9093, "audiobookshelf": 13378, "authelia": 9091, "bazarr": 6767, "beszel": 8090,
    "calibre-web": 8083, "changedetection": 5000, "dockge": 5001, "duplicati": 8200, "emby": 8096, "esphome": 6052,
    "forgejo": 3000, "frigate": 5000, "gitea": 3000, "gogs": 3000, "grafana": 3000, "hass": 8123,
    "home-assistant": 8123, "homeassistant": 8123, "homebridge": 8581, "immich": 2283, "influxdb": 8086,
    "jackett": 9117, "jellyfin": 8096, "jellyseerr": 5055, "kavita": 5000, "komga": 25600, "lidarr": 8686,
    "loki": 3100, "mealie": 9000, "n8n": 5678, "navidrome": 4533, "netdata": 19999, "nginx-proxy-manager": 81,
    "node-red": 1880, "nodered": 1880, "npm": 81, "ollama": 11434, "open-webui": 8080, "overseerr": 5055,
    "paperless": 8000, "paperless-ngx": 8000, "photoprism": 2342, "plex": 32400, "prometheus": 9090, "prowlarr": 9696,
    "qbittorrent": 8080, "radarr": 7878, "readarr": 8787, "sonarr": 8989, "stirling-pdf": 8080, "syncthing": 8384,
    "tautulli": 8181, "transmission": 9091, "uptime-kuma": 3001, "uptimekuma": 3001, "whisparr": 6969,
    "zigbee2mqtt": 8080,
  ]
  private static let https: [String: UInt16] = [
    "cockpit": 9090, "crafty": 8080, "pbs": 8007, "portainer": 9443, "unifi": 8443, "webmin": 10000,
  ]
  private static let tcp: [String: UInt16] = [
    "mariadb": 3306, "memcached": 11211, "minecraft": 25565, "mongo": 27017, "mongodb": 27017, "mosquitto": 1883,
    "mqtt": 1883, "mssql": 1433, "mysql": 3306, "postgres": 5432, "postgresql": 5432, "redis": 6379, "valkey": 6379,
  ]
}
