import FoundationEssentials
import Notifications
import YAMLDocument

/// Reads the entries of `notify:`.
struct NotificationReader {
  let context: ConfigurationContext
  private var nameLines: [String: Int] = [:]

  private static let webhookKeys = [
    "url", "url_file", "preset", "template", "token", "token_file", "headers", "tls",
  ]

  init(context: ConfigurationContext) { self.context = context }

  /// Nil if something required is missing or invalid.
  mutating func read(_ node: YAMLNode) -> NotificationEntry? {
    let reading = context.reader.mapping(node, "an entry of notify") { entry in
      (
        name: name(entry), channel: channel(entry), selection: selection(entry), first: entry.bool("first_up") ?? false,
        never: entry.bool("never_up") ?? false
      )
    }
    guard let reading, let name = reading.name, let channel = reading.channel else { return nil }
    return NotificationEntry(
      name: name, channel: channel, selection: reading.selection, notifiesFirstUp: reading.first,
      notifiesNeverUp: reading.never, location: context.location(node.position))
  }

  /// The name identifies an entry across reloads.
  private mutating func name(_ entry: YAMLMapping) -> String? {
    entry.reportMissing("name", ": a label of your choice, such as 'phone'")
    guard let text = entry.text("name") else { return nil }
    if text.value.isEmpty { context.reader.report("name is empty", at: text.position) }
    if let line = nameLines[text.value] {
      context.reader.report("name '\(text.written)' is taken by the entry on line \(line)", at: text.position)
      return nil
    }
    nameLines[text.value] = text.position.line
    return text.value.isEmpty ? nil : text.value
  }

  private func channel(_ entry: YAMLMapping) -> NotificationEntry.Channel? {
    let webhook = entry.accept(Self.webhookKeys)
    if let exec = entry.entry("exec") {
      if let other = webhook.first {
        context.reader.report(
          "'exec' and '\(other.key)' are two ways to notify: keep the program or the webhook", at: other.position)
        return nil
      }
      return hook(entry, exec).map(NotificationEntry.Channel.exec)
    }
    if webhook.isEmpty {
      context.reader.report(
        "no destination: give url (or url_file) with a preset or a template, or exec", at: entry.position)
      _ = entry.accept(["timeout"])
      return nil
    }
    return WebhookReader(entry: entry, context: context).read().map(NotificationEntry.Channel.webhook)
  }

  private func hook(_ entry: YAMLMapping, _ exec: YAMLEntry) -> ExecHook? {
    let timeout = entry.duration("timeout", atLeast: .milliseconds(100))
    guard case .sequence = exec.value.content else {
      context.reader.report(
        "exec must be a list, found \(exec.value.kind): the program and each of its arguments, "
          + "such as [/usr/local/bin/notify, --loud]; no shell reads it", at: exec.value.position)
      return nil
    }
    guard let texts = entry.strings("exec"), let program = texts.first else {
      context.reader.report("exec is empty: it must name a program", at: exec.value.position)
      return nil
    }
    guard let path = executable(program) else { return nil }
    var hook = ExecHook(
      arguments: [path] + texts.dropFirst().map(\.value), environment: context.reader.environment)
    if let timeout { hook?.timeout = timeout }
    return hook
  }

  private func executable(_ program: YAMLText) -> String? {
    // Without a slash it is searched for in PATH, which may differ when the agent runs.
    guard program.value.contains("/") else {
      if program.value.isEmpty { context.reader.report("exec names no program", at: program.position) }
      return program.value.isEmpty ? nil : program.value
    }
    // A `./hook` reduced to `hook` would be searched for in PATH, too.
    let resolved = context.resolve(program.value)
    let path = resolved.contains("/") ? resolved : "./\(resolved)"
    guard let problem = ProgramFile.problem(with: path) else { return path }
    context.reader.report("exec cannot run '\(path)': \(problem)", at: program.position)
    return nil
  }

  private func selection(_ entry: YAMLMapping) -> RouteSelection {
    RouteSelection(routes: patterns(entry, "routes"), providers: patterns(entry, "providers"))
  }

  private func patterns(_ entry: YAMLMapping, _ key: String) -> [String] {
    (entry.strings(key) ?? []).compactMap { text in
      if text.value.isEmpty { context.reader.report("an entry of \(key) is empty", at: text.position) }
      return text.value.isEmpty ? nil : text.value
    }
  }
}

/// Checks whether a file can be run, as far as possible without running it.
enum ProgramFile {
  /// Describes what is wrong with a path; nil if nothing is.
  static func problem(with path: String) -> String? {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return "no such file" }
    if isDirectory { return "this is a directory" }
    return FileManager.default.isExecutableFile(atPath: path) ? nil : "it is not executable: chmod +x it"
  }
}
