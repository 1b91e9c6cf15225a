import HTTPTransport
import Notifications
import RouteModel
import YAMLDocument

/// Reads a webhook of `notify:`. No message contains a URL's path, a header's value or a token.
struct WebhookReader {
  let entry: YAMLMapping
  let context: ConfigurationContext

  func read() -> Webhook? {
    let url = url()
    let form = form()
    if let url, case .preset(let preset) = form, let problem = preset.problem(with: url.value) {
      context.reader.report("the URL for \(preset.rawValue) \(problem)", at: url.position)
    }
    let headers = headers() + [token(for: form)].compactMap { $0 }
    let trust = TrustReader(entry: entry, context: context, peer: .webhook).read()
    let timeout = entry.duration("timeout", atLeast: .milliseconds(100)) ?? .seconds(10)
    if let url, url.value.scheme == "http", !headers.isEmpty, !url.value.isLocal {
      context.warn("http sends the token or headers unencrypted to \(url.value.shown): use https", at: url.position)
    }
    guard let url, let form, let trust else { return nil }
    return Webhook(url: url.value, form: form, headers: headers, trust: trust, timeout: timeout)
  }

  private func url() -> (value: WebhookURL, position: YAMLPosition)? {
    let text = SecretReader(inline: "url", file: "url_file", kind: .webhookURL, context: context).read(entry)
    guard let text else { return nil }
    let place = entry.accept(["url", "url_file"]).first?.value.position ?? entry.position
    do throws(WebhookURL.Invalid) { return (try WebhookURL(text), place) } catch {
      context.reader.report("the URL \(error.reason)", at: place)
      return nil
    }
  }

  private func form() -> Webhook.Form? {
    let preset = entry.choice("preset", WebhookPreset.self)
    let template = entry.text("template").flatMap { text -> BodyTemplate? in
      do throws(BodyTemplate.Invalid) { return try BodyTemplate(text.value) } catch {
        context.reader.report("template \(error.reason)", at: text.position)
        return nil
      }
    }
    let given = entry.accept(["preset", "template"])
    if given.count > 1 {
      context.reader.report("'preset' and 'template' both give the body: keep one", at: given[1].position)
      return nil
    }
    if given.isEmpty {
      let presets = WebhookPreset.allCases.map(\.rawValue).joined(separator: ", ")
      context.reader.report("no body: give preset (\(presets)) or a template of your own", at: entry.position)
    }
    return preset.map(Webhook.Form.preset) ?? template.map(Webhook.Form.template)
  }

  private func token(for form: Webhook.Form?) -> Webhook.Header? {
    guard let given = entry.accept(["token", "token_file"]).first else { return nil }
    let secret = SecretReader(inline: "token", file: "token_file", kind: .webhookToken, context: context).read(entry)
    guard let secret else { return nil }
    guard case .preset(let preset) = form else {
      return Webhook.Header(name: "Authorization", value: "Bearer \(secret)")
    }
    guard let header = preset.tokenHeader(secret) else {
      context.reader.report(
        "\(preset.rawValue) takes no token: its URL is the secret, put it into url_file", at: given.position)
      return nil
    }
    return Webhook.Header(name: header.name, value: header.value)
  }

  private func headers() -> [Webhook.Header] {
    guard let node = entry.node("headers") else { return [] }
    guard let entries = node.entries else {
      context.reader.report("headers must be a mapping, found \(node.kind)", at: node.position)
      return []
    }
    return entries.compactMap { header in
      guard let text = context.reader.text(header.value, header.key) else { return nil }
      guard Self.isToken(header.key) else {
        context.reader.report("'\(header.key)' is no name of a header", at: header.position)
        return nil
      }
      guard text.value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f || $0 == "\t" }) else {
        context.reader.report("\(header.key) holds a line break or another control character", at: text.position)
        return nil
      }
      return Webhook.Header(name: header.key, value: text.value)
    }
  }

  /// RFC 9110 §5.6.2.
  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0)) }
  }
}

extension WebhookURL {
  /// Whether requests stay on this machine.
  fileprivate var isLocal: Bool {
    host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" || host.hasPrefix("127.")
  }
}
