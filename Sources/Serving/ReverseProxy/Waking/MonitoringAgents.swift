import HTTPMessages

/// Programs that look whether a service is there, by their User-Agent. They neither wake a guest nor keep it awake.
///
/// The manual has the same list.
enum MonitoringAgents {
  static let names: [StaticString] = [
    "uptime-kuma", "gatus", "blackbox exporter", "blackbox_exporter", "prometheus", "uptimerobot", "pingdom",
    "statuscake", "better uptime", "betterstack", "hetrixtools", "site24x7", "nodeping", "freshping", "updown.io",
    "statping", "zabbix", "check_http", "check_curl", "nagios", "icinga", "checkmk", "monit/", "kube-probe",
    "elb-healthchecker", "googlehc", "haproxy", "traefik", "godoxy", "homepage", "dashy", "glance", "pvescout",
    "googlebot", "bingbot", "crawler", "spider",
  ]

  /// Whether a User-Agent contains one of the names, in any case.
  static func contains(_ userAgent: UnsafeRawBufferPointer) -> Bool {
    names.contains { name in
      let length = name.utf8CodeUnitCount
      guard length <= userAgent.count else { return false }
      return (0...(userAgent.count - length)).contains { start in
        UnsafeRawBufferPointer(rebasing: userAgent[start..<(start + length)]).isSame(as: name)
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Compares letters in any case with a text of the same length in lower case, which must be ASCII.
  fileprivate func isSame(as text: StaticString) -> Bool {
    for index in 0..<count {
      let byte = self[index]
      guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == text.utf8Start[index] else { return false }
    }
    return true
  }
}
