import TestSupport
import Testing

/// Route files as written by GoDoxy users, each in its own style: `check` accepts all of them, and its messages are
/// understandable without the source code.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct HomelabFilesTests {
  struct HomelabFile: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    /// The content of each warning; there are no others.
    var warnings: [String] = []
    /// The routes without a host, each with a warning.
    var withoutTarget: [String] = []
    var testDescription: String { name }
  }

  static let files: [HomelabFile] = [
    HomelabFile(
      name: "media",
      text: """
        x-arr: &arr
          host: 10.10.0.21
          healthcheck: {path: /ping, interval: 30s, timeout: 5s}
        jellyfin: {host: 10.10.0.20, port: 8096, homepage: {name: Jellyfin, icon: "@selfhst/jellyfin.svg", category: Media}}
        sonarr:
          <<: *arr
          port: 8989
        radarr:
          <<: *arr
          port: "7878"
        prowlarr: {<<: *arr}
        """, warnings: ["without an effect yet: homepage (jellyfin)"]),
    HomelabFile(
      name: "camel-case",
      text: """
        portainer:
          Host: 10.10.0.30
          noTLSVerify: true
        proxmox-backup:
          host: 10.10.0.31
          port: 8007
          scheme: https
          NoTlsVerify: true
          responseHeaderTimeout: 2m
        """),
    HomelabFile(
      name: "guests",
      text: """
        nextcloud:
          port: 11000
          proxmox: {node: pve1, vmid: 108, vmname: nextcloud, service: nextcloud-aio}
          idlewatcher:
            idle_timeout: 1h30m
            wake_timeout: 3m
            stop_method: stop
            stop_signal: SIGTERM
            depends_on: [db]
        pve1: {proxmox: {node: pve1, vmid: 0}, no_tls_verify: true}
        immich: {port: 2283, proxmox: "vmid: 106"}
        db: {proxmox: {vmid: 107}, port: "5432:5432"}
        """,
      warnings: ["without a meaning here: idlewatcher.stop_signal"],
      withoutTarget: ["nextcloud", "pve1", "immich", "db"]),
    HomelabFile(
      name: "streams",
      text: """
        git-ssh: {host: 10.10.0.40, port: 2222:22}
        minecraft: {host: 10.10.0.41, port: 25565:25565}
        dns: {scheme: udp, host: 10.10.0.2, port: "5353:53", healthcheck: {disable: true}}
        wireguard: {scheme: udp, host: 10.10.0.3, port: ":51820", healthcheck: {disabled: yes}}
        mqtts: {scheme: tcp, host: 10.10.0.4, port: "8883:1883", tls_termination: true}
        """),
    HomelabFile(
      name: "login",
      text: """
        dashboard:
          host: 10.10.0.50
          port: 3000
          middlewares:
            oidc:
              allowed_users: [me@home.example]
        admin.home.example:
          host: 10.10.0.51
          port: 8080
          middlewares:
            cidrWhitelist:
              allow: [10.10.0.0/16, 127.0.0.1]
              statusCode: 404
            redirectHTTP:
        wiki:
          host: 10.10.0.52
          port: 8080
          rules:
            - name: default
              do: pass
            - name: block
              on: path glob(/admin/*)
              do: error 403 Forbidden
          ignore_access_control: true
        """,
      warnings: [
        "route 'dashboard' is not served: middlewares.oidc restricts access",
        "middlewares.redirectHTTP (admin.home.example)", "as ignore_access_control says: rules (wiki)",
      ]),
    HomelabFile(
      name: "tls",
      text: """
        nas: {host: 10.10.0.60, port: 5001, scheme: https, ssl_server_name: nas.home.example}
        router: {host: 10.10.0.1, scheme: https, ssl_server_name: "off", no_tls_verify: true}
        printer: {host: 10.10.0.61, scheme: https, ssl_server_name: "", ssl_trusted_certificate: /etc/ssl/certs/home.pem}
        api: {host: 10.10.0.62, port: 9443, ssl_certificate: /a.crt, ssl_certificate_key: /a.key, ssl_protocols: [tlsv1.3]}
        """, warnings: ["ssl_certificate (api), ssl_certificate_key (api), ssl_protocols (api)"]),
    HomelabFile(
      name: "balanced",
      text: """
        app1: {host: 10.10.0.70, port: 80, load_balance: {link: app, mode: leastconn, weight: 2}, max_conns_per_host: 100}
        app2: {host: 10.10.0.71, port: 80, load_balance: {link: app, mode: leastconn, weight: 1}}
        """, warnings: ["load_balance (app1, app2)"]),
    HomelabFile(
      name: "static",
      text: """
        docs: {scheme: fileserver, root: /srv/docs}
        spa: {scheme: fileserver, root: /srv/spa, spa: true, index: index.html, middlewares: {themed: {theme: dark}}}
        old-site-old: {host: 10.10.0.80, port: 80}
        """, warnings: ["middlewares.themed (spa)"]),
    HomelabFile(
      name: "health",
      text: """
        slow: {host: 10.10.0.90, port: 80, healthcheck: {use_get: true, retries: -1, interval: 2d, timeout: 0}}
        text: {host: 10.10.0.91, port: 80, healthcheck: "path: /health\\nretries: 0"}
        block:
          host: 10.10.0.92
          port: " 80 "
          healthcheck: |
            useGet: true
            interval: 1m30s
        off: {host: 10.10.0.93, port: 80, healthcheck: {disable: true}}
        """),
    HomelabFile(
      name: "listening",
      text: """
        extra: {scheme: http, host: 10.10.0.95, port: "8081:80"}
        bound: {host: 10.10.0.96, port: 80, bind: 0.0.0.0, disable_compression: true, access_log: {format: combined}}
        """,
      warnings: ["the listening port 8081 is ignored", "access_log (bound), disable_compression (bound)"]),
    HomelabFile(
      name: "remote",
      text: """
        "*.apps.home.example": {host: 10.10.0.97, port: 443, no_tls_verify: true}
        vpn: {host: vpn.home.example, port: 943, scheme: https, agent: 10.10.0.98:8890}
        paths: {host: 10.10.0.99, port: 80, path_patterns: ["GET /", "POST /auth"]}
        """, warnings: ["agent (vpn), path_patterns (paths)"]),
    HomelabFile(
      name: "ipv6",
      text: """
        six: {host: "fd00:10::20", port: 8080}
        home-assistant: {host: homeassistant.local, public_url: https://ha.home.example, priority: 5}
        empty:
        """, warnings: ["priority (home-assistant), public_url (home-assistant)"]),
  ]

  @Test(arguments: files)
  func checkTakesIt(_ file: HomelabFile) async throws {
    let files = try AgentFiles(routes: ["\(file.name).yml": file.text + "\n"])
    try files.write()
    let checked = try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect(checked.status == .code(0), "\(checked.output)\(checked.errors)")
    let lines = checked.output.split(separator: "\n").filter { $0.contains("\(file.name).yml:") }
    // There is no cluster whose guests the routes could match.
    let wanted = file.warnings + file.withoutTarget.map { "route '\($0)' has no target" }
    #expect(lines.count == wanted.count, "\(checked.output)")
    for warning in wanted {
      #expect(
        lines.count { $0.contains(": warning: ") && $0.contains(warning) } == 1, "\(warning) in \(checked.output)")
    }
  }
}
