import YAMLDocument

/// Reads a secret that is either in the configuration file or in its own file, but not in both.
struct SecretReader {
  /// The kind of secret, which determines its valid characters and the hints about its source.
  enum Kind {
    /// Contains no spaces, and is easily pasted together with its name.
    case proxmoxToken
    case password
    case webhookToken
    /// The path or query may be the secret.
    case webhookURL
  }

  /// The key for the secret itself.
  let inline: String
  /// The key for the path of a file with the secret.
  let file: String
  let kind: Kind
  let context: ConfigurationContext

  func read(_ entry: YAMLMapping) -> String? {
    switch (entry.entry(inline), entry.entry(file)) {
    case (_?, let second?):
      context.reader.report("'\(inline)' and '\(file)' both give the secret: keep one", at: second.position)
      return nil
    case (_?, nil): return entry.text(inline).flatMap(inlineSecret)
    case (nil, _?): return entry.text(file).flatMap(secretInFile)
    case (nil, nil):
      context.reader.report("missing key '\(file)' (or '\(inline)')", at: entry.position)
      return nil
    }
  }

  private func inlineSecret(_ text: YAMLText) -> String? {
    if context.isReadableByAll, text.isLiteral, kind != .webhookURL {
      context.warn(
        "\(inline) is in a file that every user can read: chmod 640 it and chgrp it to the agent's group, or use \(file)",
        at: text.position)
    }
    return checked(text.value, named: inline, at: text.position)
  }

  private func secretInFile(_ text: YAMLText) -> String? {
    let path = context.willRead(text.value)
    do {
      let file = try TextFile(path: path)
      if file.permissions & 0o004 != 0 {
        context.warn(
          "every user can read '\(path)': chmod 640 it, and chgrp it to the agent's group", at: text.position)
      }
      let end = file.text.lastIndex { !$0.isNewline }.map { file.text.index(after: $0) } ?? file.text.startIndex
      return checked(String(file.text[..<end]), named: "'\(path)'", at: text.position)
    } catch {
      if case .missing = error, kind == .proxmoxToken, context.toleratesMissingSecrets { return "" }
      context.reader.report("cannot read '\(path)' (\(error)): \(hint)", at: text.position)
      return nil
    }
  }

  private var hint: String {
    let content =
      switch kind {
      case .proxmoxToken: "the secret that 'pveum user token add' printed"
      case .password: "the password"
      case .webhookToken: "the token"
      case .webhookURL: "the URL"
      }
    return "put \(content) into it, readable by the agent's user only"
  }

  private func checked(_ secret: String, named name: String, at position: YAMLPosition) -> String? {
    guard let reason = problem(with: secret) else { return secret }
    context.reader.report("\(name) \(reason)", at: position)
    return nil
  }

  private func problem(with secret: String) -> String? {
    if secret.isEmpty { return "is empty: \(hint)" }
    if secret.contains(where: \.isNewline) { return "has several lines: it must hold the secret alone" }
    guard kind == .proxmoxToken || kind == .webhookToken else { return nil }
    if kind == .proxmoxToken, secret.contains("="), secret.contains("!") {
      return "holds the token's name, too: keep what follows the last '='"
    }
    if let quote = secret.first, quote == "'" || quote == "\"", secret.last == quote {
      return "is in quotes: remove them, the secret has none"
    }
    let isPlain = secret.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    return isPlain ? nil : "holds spaces or other characters that no token's secret has"
  }
}
