import Foundation
import RouteModel
import TestSupport
import Testing

@testable import AgentConfiguration

/// Errors in pvescout.yml, and the exact message for each.
@Suite struct InvalidConfigurationTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// The problems of a text without the file's path, with FOLDER for the path of its folder.
  private func problems(_ text: String, environment: [String: String] = [:]) throws -> [String] {
    let path = try folder.write(text, to: "pvescout.yml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    do {
      return try AgentConfiguration.load(path: path, environment: environment).warnings.map(\.description)
    } catch {
      #expect(error.description.split(separator: "\n").count == error.problems.count)
      return error.problems.map {
        String($0.description.dropFirst(path.count + 1)).replacingOccurrences(of: folder.path, with: "FOLDER")
      }
    }
  }

  @Test(
    arguments: [
      ("discovery: {interval: 100ms}", "2:23: interval must be at least 500ms, found '100ms'"),
      ("discovery: {interval: fast}", "2:23: interval must be a duration such as 300ms, 10s, 5m or 1h, found 'fast'"),
      ("discovery: [1]", "2:12: discovery must be a mapping, found a list"),
      ("discovery: 10s", "2:12: discovery must be a mapping, found text"),
      ("discovry: {}", "2:1: unknown key 'discovry', did you mean 'discovery'?"),
      (
        "health: {retries: 3}",
        "2:10: unknown key 'retries'; known are healthy_after, interval, start_grace, timeout, unhealthy_after"
      ),
      ("health: {unhealthy_after: 0}", "2:27: unhealthy_after must be a whole number from 1 to 1000, found '0'"),
      (
        "log: {level: verbose}",
        "2:14: level must be one of trace, debug, info, notice, warning, error, critical, found 'verbose'"
      ),
      ("log: {format: xml}", "2:15: format must be one of text, json, found 'xml'"),
      ("socket: {mode: \"0689\"}", "2:16: mode must be octal permissions such as \"0660\", found '0689'"),
      ("socket: {mode: 1777}", "2:16: mode must be octal permissions such as \"0660\", found '1777'"),
      ("socket: {group: \"\"}", "2:17: group must be the name of a group, found ''"),
      ("socket: {path: /run/}", "2:16: path must name the socket itself, found '/run/'"),
      (
        "proxmox: {name: home}",
        "2:10: proxmox must be a list of clusters, found a mapping: begin the first line of each with '- '"
      ),
      ("proxmox: home", "2:10: proxmox must be a list, found text"),
      ("proxmox: [home]", "2:11: an entry of proxmox must be a mapping, found text"),
      ("state_dir: ${NOPE}", "2:12: state_dir: environment variable NOPE is not set"),
      ("log: {level: info}\nlog: {level: info}", "3:1: duplicate key 'log', first set on line 2"),
    ])
  func reportsAWrongSection(_ text: String, _ expected: String) throws {
    #expect(try problems("providers: {files: []}\n\(text)\n") == [expected])
  }

  @Test(
    arguments: [
      ("providers: {files: {a: b}}", "1:20: files must be a list, found a mapping"),
      ("providers: {files: [\"\"]}", "1:21: an entry of files is empty"),
      ("providers: {file: [routes.yml]}", "1:13: unknown key 'file', did you mean 'files'?"),
      ("providers: [routes.yml]", "1:12: providers must be a mapping, found a list"),
    ])
  func reportsWrongProviders(_ text: String, _ expected: String) throws {
    #expect(try problems(text).filter { !$0.contains(": warning: ") } == [expected])
  }

  @Test(
    arguments: [
      (
        "http://10.0.0.11:8006",
        "'http://10.0.0.11:8006' would send the token unencrypted, and PVE speaks https only: write https://10.0.0.11:8006"
      ),
      ("10.0.0.11:8006", "'10.0.0.11:8006' has no scheme: write https://10.0.0.11:8006"),
      ("ftp://pve", "'ftp://pve' must begin with https://"),
      ("\"https://10.0.0.11:8006/#v1:0\"", "'https://10.0.0.11:8006/#v1:0' has a path: write https://10.0.0.11:8006"),
      (
        "https://10.0.0.11:8006/api2/json",
        "'https://10.0.0.11:8006/api2/json' has a path: write https://10.0.0.11:8006"
      ),
      ("https://root:geheim@pve1", "holds a user name: log in with token_id, or with username and password_file"),
      ("https://10.0.0.11:70000", "'https://10.0.0.11:70000': port 70000 is not between 1 and 65535"),
      (
        "https://pve.bücher.example",
        "'https://pve.bücher.example': the host is not ASCII: write the form of the name that DNS has, xn--…"
      ),
      ("https://10.0.0.300", "'https://10.0.0.300' names no host: wanted https://HOST:8006"),
      (
        "https://fd00::1:8006",
        "'https://fd00::1:8006': an IPv6 address needs brackets, as in https://[fd00::1]:8006"
      ),
      ("\"https://\"", "'https://' names no host: wanted https://HOST:8006"),
    ])
  func reportsAWrongEndpoint(_ text: String, _ expected: String) throws {
    let entry = "name: home, username: root@pam, password: x, endpoints: [\(text)]"
    let found = try problems("providers: {files: []}\nproxmox: [{\(entry)}]\n")
    #expect(found == ["2:69: endpoint \(expected)"])
    #expect(!found.joined().contains("geheim"))
  }

  @Test(
    arguments: [
      ("token_id: u@pve!t", "missing key 'token_secret_file' (or 'token_secret')"),
      ("token_secret: s", "missing key 'token_id': the 'full-tokenid' that 'pveum user token add' printed"),
      (
        "token_id: u@pve, token_secret: s",
        "token_id must be USER@REALM!TOKENID, such as pvescout@pve!agent: there is no '!'"
      ),
      (
        "token_id: u!t, token_secret: s",
        "token_id must be USER@REALM!TOKENID, such as pvescout@pve!agent: there is no '@' before the '!'"
      ),
      ("token_id: u@pve!, token_secret: s", "token_id must be USER@REALM!TOKENID, such as pvescout@pve!agent"),
      (
        "token_id: \"u@pve!t=geheim\", token_secret: s",
        "token_id holds the secret, too: keep only the part before the last '=', the rest belongs into token_secret_file"
      ),
      (
        "token_id: \"PVEAPIToken=u@pve!t=geheim\", token_secret: s",
        "token_id holds the secret, too: keep only the part before the last '=', the rest belongs into token_secret_file"
      ),
      (
        "token_id: u@pve!t, token_secret: s, token_secret_file: f",
        "'token_secret' and 'token_secret_file' both give the secret: keep one"
      ),
      (
        "token_id: u@pve!t, token_secret: \"u@pve!t=geheim\"",
        "token_secret holds the token's name, too: keep what follows the last '='"
      ),
      (
        "token_id: u@pve!t, token_secret: \"geheim geheim\"",
        "token_secret holds spaces or other characters that no token's secret has"
      ),
      (
        "token_id: u@pve!t, token_secret: \"\"",
        "token_secret is empty: put the secret that 'pveum user token add' printed into it, readable by the agent's user only"
      ),
      ("token_id: u@pve!t, token_secret: [geheim]", "token_secret must be text, found a list"),
      ("token_id: u@pve!t, token_secret: \"${NOPE}\"", "token_secret: environment variable NOPE is not set"),
      (
        "token_id: u@pve!t, token_secret_file: none",
        "cannot read 'FOLDER/none' (no such file): put the secret that 'pveum user token add' printed into it, readable by the agent's user only"
      ),
      (
        "token_id: u@pve!t, token_secret_file: .",
        "cannot read 'FOLDER' (this is a directory, wanted a file): put the secret that 'pveum user token add' printed into it, readable by the agent's user only"
      ),
      (
        "token_id: u@pve!t, token_secret_file: empty",
        "'FOLDER/empty' is empty: put the secret that 'pveum user token add' printed into it, readable by the agent's user only"
      ),
      (
        "token_id: u@pve!t, token_secret_file: lines", "'FOLDER/lines' has several lines: it must hold the secret alone"
      ),
      (
        "token_id: u@pve!t, token_secret_file: quoted",
        "'FOLDER/quoted' is in quotes: remove them, the secret has none"
      ),
      (
        "token_id: u@pve!t, token_secret: \"'geheim'\"",
        "token_secret is in quotes: remove them, the secret has none"
      ),
      (
        "token_id: u@pve!t, username: root@pam",
        "'token_id' and 'username' are two ways to log in: keep the token or the user"
      ),
      ("username: root@pam", "missing key 'password_file' (or 'password')"),
      ("password: geheim", "missing key 'username', such as pvescout@pve"),
      ("username: root, password: geheim", "username has no realm: write root@pam, @pve, or add 'realm'"),
      ("username: root@pam, realm: pve, password: geheim", "realm is 'pve', but username says 'pam': keep one"),
      ("username: a@b@c, password: geheim", "username must be USER@REALM, such as root@pam"),
      ("tls: {insecure: true}", "no credentials: give token_id and token_secret_file, or username and password_file"),
    ])
  func reportsWrongCredentials(_ keys: String, _ expected: String) throws {
    for (name, text) in [("empty", "\n"), ("lines", "geheim\ngeheim\n"), ("quoted", "\"geheim\"\n")] {
      try folder.write(text, to: name)
    }
    let found = try problems(
      "providers: {files: []}\nproxmox: [{name: home, endpoints: [https://10.0.0.11], \(keys)}]\n")
    let errors = found.filter { !$0.contains(": warning: ") }
    #expect(errors.map { $0.drop { $0 != " " }.dropFirst() } == [expected[...]])
    #expect(!found.joined().contains("geheim"))
  }

  private static let wanted =
    "fingerprint must be the certificate's SHA-256, 64 hex digits, found"
  private static let remedy =
    "the PVE GUI shows it under Node, System, Certificates, or run 'openssl s_client -connect NODE:8006 </dev/null | openssl x509 -noout -fingerprint -sha256'"

  @Test(
    arguments: [
      ("{fingerprint: \"AA:BB\"}", "\(wanted) 4 hex digits: \(remedy)"),
      ("{fingerprint: \"\(String(repeating: "A", count: 40))\"}", "\(wanted) 40 hex digits, a SHA-1: \(remedy)"),
      ("{fingerprint: [\"hello\"]}", "\(wanted) 'hello': \(remedy)"),
      ("{fingerprint: []}", "fingerprint is empty"),
      (
        "{ca_file: none.pem}", "cannot read 'FOLDER/none.pem' (no such file): copy /etc/pve/pve-root-ca.pem from a node"
      ),
      ("{ca_file: no.pem}", "'FOLDER/no.pem' holds no PEM certificate: copy /etc/pve/pve-root-ca.pem from a node"),
      (
        "{fingerprint: \"\(String(repeating: "A", count: 64))\", insecure: true}",
        "tls takes exactly one of fingerprint, ca_file and insecure, found fingerprint and insecure"
      ),
      ("{finger_print: x}", "unknown key 'finger_print', did you mean 'fingerprint'?"),
      ("{insecure: maybe}", "insecure must be true or false, found 'maybe'"),
      ("insecure", "tls must be a mapping, found text"),
    ])
  func reportsWrongTLS(_ text: String, _ expected: String) throws {
    try folder.write("no certificate", to: "no.pem")
    let entry = "name: home, endpoints: [https://10.0.0.11], username: root@pam, password: x, tls: \(text)"
    let found = try problems("providers: {files: []}\nproxmox: [{\(entry)}]\n")
    #expect(found.map { $0.drop { $0 != " " }.dropFirst() } == [expected[...]])
  }

  @Test func reportsWhatTwoEntriesShare() throws {
    let text = """
      providers: {files: []}
      proxmox:
        - {name: home, endpoints: [https://10.0.0.11, https://10.0.0.11:8006], username: root@pam, password: x}
        - {name: home, endpoints: [https://10.0.0.11:8006/], username: root@pam, password: x}
        - {name: a/b, endpoints: [], username: root@pam, password: x}
        - {username: root@pam, password: x}
      """
    #expect(
      try problems(text) == [
        "3:49: endpoint https://10.0.0.11:8006 occurs twice, first on line 3",
        "4:12: name 'home' is taken by the entry on line 3",
        "4:30: endpoint https://10.0.0.11:8006 occurs twice, first on line 3",
        "5:12: name must be at most 63 letters, digits, '-', '_' and '.', found 'a/b'",
        "5:28: endpoints is empty: name one node at least, such as https://10.0.0.11:8006",
        "6:5: missing key 'name': a label of your choice, such as 'home'",
        "6:5: missing key 'endpoints', such as [https://10.0.0.11:8006]",
      ])
  }

  @Test func reportsASocketPathThatIsTooLong() throws {
    let path = "/run/" + String(repeating: "a", count: 103)
    #expect(
      try problems("providers: {files: []}\nsocket: {path: \(path)}\n") == [
        "2:16: path '\(path)' has 108 bytes, a Unix socket's at most 107: choose a shorter one"
      ])
    #expect(try problems("providers: {files: []}\nsocket: {path: \(path.dropLast())}\n").isEmpty)
  }

  @Test func reportsEverythingAtOnceInTheOrderOfTheFile() throws {
    let found = try problems(
      """
      proxmox: [{name: home, endpoint: https://x, token_id: u@pve!t, token_secret_file: none, tls: {insecure: true}}]
      discovery: {interval: 1ms}
      health: {timeout: x}
      socket: {mode: 9}
      colour: red
      """)
    #expect(
      found.map { $0.prefix { $0 != " " } } == [
        "1:1:", "1:11:", "1:24:", "1:83:", "1:95:", "2:23:", "3:19:", "4:16:", "5:1:",
      ])
  }

  @Test func reportsAMissingFile() {
    let path = folder.file("none.yml")
    #expect(throws: AgentConfiguration.Invalid.self) { try AgentConfiguration.load(path: path, environment: [:]) }
    do { _ = try AgentConfiguration.load(path: path, environment: [:]) } catch {
      #expect(
        error.description
          == "\(path):1:1: no configuration file here: run pvescout setup, which writes one, or name another with --config"
      )
    }
  }

  @Test(
    arguments: [
      (
        Data("a: [1\n".utf8),
        "2:1: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence that begins on line 1); "
          + "close the list with ']', or put a ',' between its values"
      ),
      (Data("- a\n".utf8), "1:1: the configuration must be a mapping, found a list"),
      (Data([0x61, 0x3A, 0x20, 0xE9, 0x0A]), "1:4: the file is not UTF-8 from here on: save it as UTF-8"),
      (Data([0xFF, 0xFE, 0x61, 0x00]), "1:1: the file is UTF-16 text: save it as UTF-8"),
      (
        Data(count: 5 << 20),
        "1:1: the file has 5242880 bytes, more than the 4194304 that are read: is it the right one?"
      ),
      (nil, "1:1: this is a directory, wanted the configuration file: name it with --config"),
    ])
  func reportsAFileThatIsNone(_ content: Data?, _ expected: String) throws {
    var path = folder.path
    if let content {
      path = folder.file("pvescout.yml")
      try content.write(to: URL(fileURLWithPath: path))
    }
    do {
      _ = try AgentConfiguration.load(path: path, environment: [:])
      Issue.record("it was taken")
    } catch { #expect(error.description == "\(path):\(expected)") }
  }
}
