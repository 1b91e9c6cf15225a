/// Monitoring programs and crawlers, by their User-Agent. They neither wake a guest nor keep it awake.
///
/// The manual has the same list.
enum MonitoringAgents {
  static let names = [
    "uptime-kuma", "gatus", "blackbox exporter", "blackbox_exporter", "prometheus", "uptimerobot", "pingdom",
    "statuscake", "better uptime", "betterstack", "hetrixtools", "site24x7", "nodeping", "freshping", "updown.io",
    "statping", "zabbix", "check_http", "check_curl", "nagios", "icinga", "checkmk", "monit/", "kube-probe",
    "elb-healthchecker", "googlehc", "haproxy", "traefik", "godoxy", "homepage", "dashy", "glance", "pvescout",
    "googlebot", "bingbot", "crawler", "spider",
  ]

  private static let nameBytes = names.map { Array($0.utf8) }

  /// Whether a User-Agent contains one of the names, in any case.
  static func contains(_ userAgent: String) -> Bool {
    let text = Array(userAgent.lowercased().utf8)
    return nameBytes.contains { name in
      text.indices.dropLast(name.count - 1).contains { start in
        text[start] == name[0] && text[start..<(start + name.count)].elementsEqual(name)
      }
    }
  }
}
