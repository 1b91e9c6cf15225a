/// PVE's rules for `pveum` lines, by version (pve-access-control: `AccessControl.pm`, `API2/*.pm`).
struct PVEUMRules {
  let version: Int
  /// Predefined roles, and those that previous lines created.
  private(set) var roles: Set<String> = ["PVEAuditor", "PVEVMUser", "PVEAdmin", "Administrator", "NoAccess"]

  init(version: Int) { self.version = version }

  /// Why PVE refuses the line; nil if it accepts it.
  mutating func refusal(of line: String) -> String? {
    guard let words = Self.words(line), words.first == "pveum" else { return "no pveum line: \(line)" }
    let known = Self.commands.first { words.dropFirst().starts(with: $0.name.split(separator: " ").map(String.init)) }
    guard let known else { return "no such command: \(line)" }
    let rest = words.dropFirst(1 + known.name.split(separator: " ").count)
    guard let (values, options) = Self.split(Array(rest), known.options) else { return "wrong options: \(line)" }
    guard values.count == known.values.count else { return "wanted \(known.values), found \(values)" }
    for (kind, value) in zip(known.values, values) + options.map({ (Self.kind(of: $0.key), $0.value) }) {
      if let refusal = refusal(kind, value) { return "\(refusal), in: \(line)" }
    }
    switch known.name {
    case "acl modify" where options["users"] == nil && options["tokens"] == nil: return "for nobody: \(line)"
    case "acl modify" where options["roles"] == nil: return "no role: \(line)"
    case "role add":
      if options["privs"] == nil { return "no privileges: \(line)" }
      roles.insert(values[0])
    default: break
    }
    return nil
  }

  private enum Kind { case user, token, path, newRole, users, tokens, roles, privileges, flag, number, format }

  private static let commands: [(name: String, values: [Kind], options: Set<String>)] = [
    ("user token add", [.user, .token], ["privsep", "expire"]),
    ("user token modify", [.user, .token], ["privsep", "expire"]),
    ("user token remove", [.user, .token], []),
    ("user token list", [.user], []),
    ("user add", [.user], []),
    ("user modify", [.user], ["enable", "expire"]),
    ("user list", [], ["full", "output-format"]),
    ("passwd", [.user], []),
    ("role add", [.newRole], ["privs"]),
    ("acl modify", [.path], ["users", "tokens", "roles"]),
  ]

  private static func kind(of option: String) -> Kind {
    switch option {
    case "users": .users
    case "tokens": .tokens
    case "roles": .roles
    case "privs": .privileges
    case "expire": .number
    case "output-format": .format
    default: .flag
    }
  }

  private func refusal(_ kind: Kind, _ value: String) -> String? {
    switch kind {
    case .user: isUser(value) ? nil : "'\(value)' is no user"
    case .token: isToken(value) ? nil : "'\(value)' is no token's name"
    case .path: isPath(value) ? nil : "'\(value)' is no path of the ACL"
    case .newRole:
      value.lowercased().hasPrefix("pve")
        ? "role names that begin with 'pve' are PVE's own"
        : value.wholeMatch(of: /[A-Za-z0-9.\-_]+/) == nil ? "bad role" : nil
    case .users: list(value).first { !isUser($0) }.map { "'\($0)' is no user" }
    case .tokens:
      list(value).first { token in
        let parts = token.split(separator: "!", omittingEmptySubsequences: false).map(String.init)
        return parts.count != 2 || !isUser(parts[0]) || !isToken(parts[1])
      }.map { "'\($0)' is no token" }
    case .roles: list(value).first { !roles.contains($0) }.map { "role '\($0)' does not exist" }
    case .privileges:
      value.split { $0 == " " || $0 == "," }.first { !privileges.contains(String($0)) }.map {
        "invalid privilege '\($0)'"
      }
    case .flag: ["0", "1"].contains(value) ? nil : "'\(value)' is no flag"
    case .number: Int(value).map { $0 >= 0 } == true ? nil : "'\(value)' is no number"
    case .format: ["json-pretty", "json", "text", "yaml"].contains(value) ? nil : "'\(value)' is no format"
    }
  }

  private func list(_ value: String) -> [String] { value.split(separator: ",").map(String.init) }

  private func isUser(_ name: String) -> Bool {
    name.count <= 64 && name.wholeMatch(of: /[^\s:\/!]+@[A-Za-z][A-Za-z0-9.\-_]+/) != nil
  }

  private func isToken(_ name: String) -> Bool { name.wholeMatch(of: /[A-Za-z][A-Za-z0-9.\-_]+/) != nil }

  /// SDN zones have their own rights since PVE 8.
  private func isPath(_ path: String) -> Bool {
    if path.hasPrefix("/sdn/zones"), version < 8 { return false }
    let access = /\/access(\/(groups|realm)(\/[^\/\s]+)?)?/
    let others = /\/(nodes|storage)(\/[A-Za-z0-9.\-_]+)?|\/pool(\/[A-Za-z0-9.\-_]+){0,3}|\/vms(\/[1-9][0-9]{2,})?/
    let network = /\/sdn(\/zones(\/[A-Za-z0-9.\-_]+){0,3})?/
    return path == "/" || path.wholeMatch(of: access) != nil || path.wholeMatch(of: others) != nil
      || path.wholeMatch(of: network) != nil
  }

  private var privileges: Set<String> {
    let always: Set = [
      "VM.Audit", "Sys.Audit", "SDN.Audit", "Pool.Audit", "Datastore.Audit", "VM.PowerMgmt", "Sys.PowerMgmt",
    ]
    return version >= 9 ? always.union(["VM.GuestAgent.Audit"]) : always.union(["VM.Monitor"])
  }

  private static func split(_ words: [String], _ known: Set<String>) -> (values: [String], options: [String: String])? {
    var (values, options): ([String], [String: String]) = ([], [:])
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        values.append(word)
        continue
      }
      guard known.contains(String(word.dropFirst(2))), let value = rest.popFirst() else { return nil }
      options[String(word.dropFirst(2))] = value
    }
    return (values, options)
  }

  /// Splits a line of plain and single-quoted words like a POSIX shell; nil for anything else.
  private static func words(_ line: String) -> [String]? {
    var (words, word): ([String], String?) = ([], nil)
    var (isQuoted, isEscaped) = (false, false)
    for character in line {
      switch character {
      case _ where isEscaped:
        word = (word ?? "") + String(character)
        isEscaped = false
      case "\\" where !isQuoted: isEscaped = true
      case "'":
        isQuoted.toggle()
        word = word ?? ""
      case " " where !isQuoted:
        if let word { words.append(word) }
        word = nil
      case "#" where !isQuoted && word == nil: return words
      case "\\", "\"", "$", "`", ";", "&", "|", "!":
        guard isQuoted else { return nil }
        word? += String(character)
      default: word = (word ?? "") + String(character)
      }
    }
    return isQuoted || isEscaped ? nil : words + [word].compactMap(\.self)
  }
}
