import Foundation
import HTTPTransport
import Notifications
import PeerTrust
import RouteModel
import TestSupport
import Testing
import YAMLDocument

@testable import AgentConfiguration

/// `notify:` of pvescout.yml: the resulting values, and the exact message for each error.
@Suite struct NotificationConfigurationTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func load(_ text: String, environment: [String: String] = [:]) throws -> AgentConfiguration {
    let path = try folder.write("providers: {files: []}\n\(text)\n", to: "pvescout.yml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    return try AgentConfiguration.load(path: path, environment: environment)
  }

  private func secret(_ text: String, in name: String, permissions: Int = 0o600) throws {
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: folder.write(text, to: name))
  }

  /// Errors and warnings without the file's path, with FOLDER for the path of its folder.
  private func problems(_ text: String) throws -> [String] {
    let found: [String]
    do { found = try load(text).warnings.map(\.description) } catch let error as AgentConfiguration.Invalid {
      found = error.problems.map(\.description)
    }
    return found.map { $0.replacing("\(folder.path)/pvescout.yml:", with: "").replacing(folder.path, with: "FOLDER") }
  }

  @Test func readsEveryKey() throws {
    try secret("tk_geheim\n", in: "ntfy.token")
    try secret("https://discord.com/api/webhooks/1/geheim\n", in: "discord.url")
    try secret("-----BEGIN CERTIFICATE-----\n", in: "ca.pem", permissions: 0o644)
    try secret("#!/bin/sh\n", in: "tell", permissions: 0o755)
    let configuration = try load(
      """
      notify:
        - {name: phone, preset: ntfy, url: https://ntfy.example/alerts, token_file: ntfy.token, routes: [media-*, plex]}
        - {name: chat, preset: discord, url_file: discord.url, providers: file:routes, first_up: true, never_up: true}
        - {name: push, preset: gotify, url: https://push.example, token: "${PUSH}", tls: {ca_file: ca.pem}, timeout: 3s}
        - name: own
          url: https://hooks.example/in
          template: '{"text": "{{title}}"}'
          token: t
          headers: {X-Key: "${PUSH}"}
        - {name: program, exec: [./tell, --loud, "a b"], timeout: 2s}
        - {name: by name, exec: [logger]}
      """, environment: ["PUSH": "p-geheim", "PATH": "/bin"])
    #expect(configuration.warnings.isEmpty)
    let entries = configuration.notifications
    #expect(entries.map(\.name) == ["phone", "chat", "push", "own", "program", "by name"])
    #expect(entries.map(\.location.line) == [3, 4, 5, 6, 11, 12])
    #expect(
      entries[0].channel
        == .webhook(
          Webhook(
            url: try WebhookURL("https://ntfy.example/alerts"), form: .preset(.ntfy),
            headers: [.init(name: "Authorization", value: "Bearer tk_geheim")])))
    #expect(entries[0].selection == RouteSelection(routes: ["media-*", "plex"]))
    #expect(!entries[0].notifiesFirstUp && !entries[0].notifiesNeverUp)
    #expect(
      entries[1].channel
        == .webhook(
          Webhook(url: try WebhookURL("https://discord.com/api/webhooks/1/geheim"), form: .preset(.discord))))
    #expect(entries[1].selection == RouteSelection(providers: ["file:routes"]))
    #expect(entries[1].notifiesFirstUp && entries[1].notifiesNeverUp)
    #expect(
      entries[2].channel
        == .webhook(
          Webhook(
            url: try WebhookURL("https://push.example"), form: .preset(.gotify),
            headers: [.init(name: "X-Gotify-Key", value: "p-geheim")], trust: .caFile(folder.file("ca.pem")),
            timeout: .seconds(3))))
    #expect(
      entries[3].channel
        == .webhook(
          Webhook(
            url: try WebhookURL("https://hooks.example/in"),
            form: .template(try BodyTemplate(#"{"text": "{{title}}"}"#)),
            headers: [.init(name: "X-Key", value: "p-geheim"), .init(name: "Authorization", value: "Bearer t")])))
    #expect(
      entries[4].channel
        == ExecHook(
          arguments: [folder.file("tell"), "--loud", "a b"], timeout: .seconds(2), environment: ["PATH": "/bin"]
        ).map(NotificationEntry.Channel.exec))
    #expect(
      entries[5].channel
        == ExecHook(arguments: ["logger"], environment: ["PATH": "/bin"]).map(NotificationEntry.Channel.exec))
  }

  @Test(
    arguments: [
      ("{name: a}", "2:9: notify must be a list, found a mapping: begin the first line of each entry with '- '"),
      ("[a]", "2:10: an entry of notify must be a mapping, found text"),
      ("[{exec: [logger]}]", "2:10: missing key 'name': a label of your choice, such as 'phone'"),
      (
        "[{name: a, exec: [logger]}, {name: a, exec: [logger]}]", "2:44: name 'a' is taken by the entry on line 2"
      ),
      ("[{name: a}]", "2:10: no destination: give url (or url_file) with a preset or a template, or exec"),
      (
        "[{name: a, exec: [logger], url: https://x.example}]",
        "2:36: 'exec' and 'url' are two ways to notify: keep the program or the webhook"
      ),
      (
        "[{name: a, exec: logger -t x}]",
        "2:26: exec must be a list, found text: the program and each of its arguments, such as [/usr/local/bin/notify, --loud]; no shell reads it"
      ),
      ("[{name: a, exec: []}]", "2:26: exec is empty: it must name a program"),
      ("[{name: a, exec: [./none]}]", "2:27: exec cannot run 'FOLDER/none': no such file"),
      ("[{name: a, exec: [./plain]}]", "2:27: exec cannot run 'FOLDER/plain': it is not executable: chmod +x it"),
      ("[{name: a, exec: [/]}]", "2:27: exec cannot run '/': this is a directory"),
      ("[{name: a, exec: [logger], timeout: 1ms}]", "2:45: timeout must be at least 100ms, found '1ms'"),
      ("[{name: a, exec: [logger], first_up: maybe}]", "2:46: first_up must be true or false, found 'maybe'"),
      ("[{name: a, exec: [logger], routes: [\"\"]}]", "2:45: an entry of routes is empty"),
      ("[{name: a, exec: [logger], route: x}]", "2:36: unknown key 'route', did you mean 'routes'?"),
      (
        "[{name: a, url: https://x.example/geheim}]",
        "2:10: no body: give preset (ntfy, gotify, discord) or a template of your own"
      ),
      (
        "[{name: a, url: https://x.example, preset: nfty}]",
        "2:52: preset must be one of ntfy, gotify, discord, found 'nfty', did you mean 'ntfy'?"
      ),
      (
        "[{name: a, url: https://x.example, preset: ntfy}]",
        "2:25: the URL for ntfy must name the topic, as in https://ntfy.sh/TOPIC (letters, digits, - and _)"
      ),
      (
        "[{name: a, preset: discord, url: https://x.example/geheim}]",
        "2:42: the URL for discord must be the one that Discord shows as 'Copy Webhook URL', https://discord.com/api/webhooks/…"
      ),
      (
        "[{name: a, preset: discord, url: https://x.example/api/webhooks/1/geheim, token: geheim}]",
        "2:83: discord takes no token: its URL is the secret, put it into url_file"
      ),
      ("[{name: a, preset: gotify, url: x.example/geheim}]", "2:41: the URL has no scheme: write https://…"),
      (
        "[{name: a, preset: gotify, url: \"https://geheim:geheim@x.example\"}]",
        "2:41: the URL holds a user name: put the credentials into token_file or headers"
      ),
      ("[{name: a, preset: gotify, token: t}]", "2:10: missing key 'url_file' (or 'url')"),
      (
        "[{name: a, preset: gotify, url_file: none}]",
        "2:46: cannot read 'FOLDER/none' (no such file): put the URL into it, readable by the agent's user only"
      ),
      (
        "[{name: a, preset: gotify, url: https://x.example, token: \"gehe im\"}]",
        "2:67: token holds spaces or other characters that no token's secret has"
      ),
      (
        "[{name: a, preset: gotify, template: '{}', url: https://x.example}]",
        "2:36: 'preset' and 'template' both give the body: keep one"
      ),
      (
        "[{name: a, url: https://x.example, template: '{{title}}'}]",
        "2:54: template must be JSON, such as '{\"text\": \"{{title}}: {{message}}\"}'"
      ),
      (
        "[{name: a, preset: gotify, url: https://x.example, headers: {\"X Y\": geheim}}]",
        "2:70: 'X Y' is no name of a header"
      ),
      (
        "[{name: a, preset: gotify, url: https://x.example, headers: {X: \"geheim\\nY\"}}]",
        "2:73: X holds a line break or another control character"
      ),
      (
        "[{name: a, preset: gotify, url: https://x.example, tls: {ca_file: none}}]",
        "2:75: cannot read 'FOLDER/none' (no such file): it must hold the CA that signed the server's certificate"
      ),
      (
        "[{name: a, preset: gotify, url: https://x.example, tls: {insecure: true}}]",
        "2:66: warning: insecure: whoever is between agent and server can read the token; pin the certificate with fingerprint instead"
      ),
      (
        "[{name: a, preset: gotify, url: http://x.example/geheim, token: t}]",
        "2:41: warning: http sends the token or headers unencrypted to http://x.example: use https"
      ),
      ("[{name: a, preset: gotify, url: http://127.0.0.1:80, token: t}]", ""),
    ])
  func reportsWhatIsWrong(_ text: String, _ expected: String) throws {
    try folder.write("", to: "plain")
    let found = try problems("notify: \(text)")
    #expect(found == (expected.isEmpty ? [] : [expected]))
    #expect(!found.joined().contains("geheim") && !found.joined().contains("gehe im"))
  }

  @Test func reportsEverythingAtOnce() throws {
    let found = try problems(
      """
      notify:
        - {name: a, exec: [./none], never_up: x}
        - {name: a, url: ftp://x.example/geheim, preset: x}
      """)
    #expect(found.map { $0.prefix { $0 != " " } } == ["3:22:", "3:41:", "4:12:", "4:20:", "4:52:"])
  }

  /// For a configuration in the current folder, whose paths have no folder prefix.
  @Test func aHookBesideTheFileIsNotLookedForInThePath() throws {
    let context = ConfigurationContext(path: "pvescout.yml", environment: [:])
    let document = try YAMLDocument("- {name: a, exec: [./none-such]}")
    var reader = NotificationReader(context: context)
    guard case .sequence(let items) = document.root.content else { throw NoList() }
    #expect(reader.read(items[0]) == nil)
    #expect(context.problems.map(\.message) == ["exec cannot run './none-such': no such file"])
  }

  private struct NoList: Error {}

  @Test func warnsOfASecretThatEverybodyCanRead() throws {
    try secret("tk_geheim\n", in: "token", permissions: 0o644)
    #expect(
      try problems("notify: [{name: a, preset: gotify, url: https://x.example, token_file: token}]")
        == ["2:72: warning: every user can read 'FOLDER/token': chmod 640 it, and chgrp it to the agent's group"])
  }
}
