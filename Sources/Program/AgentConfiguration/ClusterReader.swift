import ProxmoxDiscovery
import RouteModel
import YAMLDocument

/// Reads the entries of `proxmox:` and checks that no two are the same cluster.
struct ClusterReader {
  let context: ConfigurationContext
  private var nameLines: [String: Int] = [:]
  private var endpointLines: [String: Int] = [:]

  init(context: ConfigurationContext) { self.context = context }

  /// Nil if something required is missing or invalid.
  mutating func read(_ node: YAMLNode) -> ClusterConfiguration? {
    let reading = context.reader.mapping(node, "an entry of proxmox") { entry in
      (
        name: name(entry), endpoints: endpoints(entry),
        credentials: CredentialsReader(entry: entry, context: context).read(),
        isSecretCopiedAtStart: ["token_secret_file", "password_file"].contains { key in
          entry.text(key).map { context.isCopiedAtStart($0.value) } ?? false
        },
        trust: TrustReader(entry: entry, context: context).read(),
        preferences: PreferenceReader(entry: entry, context: context).read(), control: control(entry)
      )
    }
    guard let reading, let name = reading.name, let credentials = reading.credentials, let trust = reading.trust else {
      return nil
    }
    var cluster = ClusterConfiguration(
      name: name, endpoints: reading.endpoints, credentials: credentials, trust: trust,
      preferences: reading.preferences)
    (cluster.mayControlGuests, cluster.mayWakeNodes) = reading.control
    cluster.isSecretCopiedAtStart = reading.isSecretCopiedAtStart
    return cluster
  }

  /// `true`, or a mapping, which means the same for guests.
  private func control(_ entry: YAMLMapping) -> (guests: Bool, nodes: Bool) {
    guard let node = entry.node("control") else { return (false, false) }
    guard node.entries != nil else { return (entry.bool("control") ?? false, false) }
    let nodes = entry.mapping("control") { $0.bool("nodes") ?? false }
    return (nodes != nil, nodes ?? false)
  }

  /// The name is also used in queries and file names.
  private mutating func name(_ entry: YAMLMapping) -> ClusterName? {
    entry.reportMissing("name", ": a label of your choice, such as 'home'")
    guard let text = entry.text("name") else { return nil }
    let isLabel = text.value.utf8.count <= 63 && text.value.first.map { $0.isLetter || $0.isNumber } == true
    guard isLabel, text.value.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || "-_.".contains($0) }) else {
      context.reader.report(
        "name must be at most 63 letters, digits, '-', '_' and '.', found '\(text.written)'", at: text.position)
      return nil
    }
    if let line = nameLines[text.value] {
      context.reader.report("name '\(text.value)' is taken by the entry on line \(line)", at: text.position)
    }
    nameLines[text.value] = nameLines[text.value] ?? text.position.line
    return text.value
  }

  private mutating func endpoints(_ entry: YAMLMapping) -> [String] {
    entry.reportMissing("endpoints", ", such as [https://10.0.0.11:8006]")
    let texts = entry.strings("endpoints")
    if let node = entry.node("endpoints"), texts?.isEmpty == true, node.isEmptySequence {
      context.reader.report(
        "endpoints is empty: name one node at least, such as https://10.0.0.11:8006", at: node.position)
    }
    return (texts ?? []).compactMap { endpoint($0) }
  }

  private mutating func endpoint(_ text: YAMLText) -> String? {
    let endpoint: Endpoint
    do { endpoint = try Endpoint(text.value) } catch {
      context.reader.report("endpoint \(error.reason)", at: text.position)
      return nil
    }
    if let line = endpointLines[endpoint.url] {
      context.reader.report("endpoint \(endpoint.url) occurs twice, first on line \(line)", at: text.position)
    }
    endpointLines[endpoint.url] = endpointLines[endpoint.url] ?? text.position.line
    return endpoint.url
  }
}

extension YAMLNode {
  fileprivate var isEmptySequence: Bool {
    if case .sequence(let items) = content { items.isEmpty } else { false }
  }
}
