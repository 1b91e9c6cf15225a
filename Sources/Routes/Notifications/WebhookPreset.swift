/// A service with a built-in message format.
package enum WebhookPreset: String, CaseIterable, Sendable {
  case ntfy, gotify, discord

  /// Returns why a URL does not fit the service; nil if it does.
  package func problem(with url: WebhookURL) -> String? {
    switch self {
    case .ntfy:
      Self.topic(of: url) == nil ? "must name the topic, as in https://ntfy.sh/TOPIC (letters, digits, - and _)" : nil
    case .gotify: nil
    case .discord:
      url.path.hasPrefix("/api/") && url.path.contains("/webhooks/")
        ? nil : "must be the one that Discord shows as 'Copy Webhook URL', https://discord.com/api/webhooks/…"
    }
  }

  /// The URL that messages are sent to.
  func endpoint(of url: WebhookURL) -> String {
    switch self {
    // JSON messages go to the root, and the topic goes into the body (https://docs.ntfy.sh/publish/#publish-as-json).
    case .ntfy: url.text(path: "/")
    // https://gotify.net/docs/pushmsg
    case .gotify:
      url.path.hasSuffix("/message") ? url.text() : url.text(path: (url.path + "/message").replacing("//", with: "/"))
    // https://discord.com/developers/docs/resources/webhook#execute-webhook
    case .discord: url.text()
    }
  }

  /// The header that carries the token; nil if the URL is the secret.
  package func tokenHeader(_ token: String) -> (name: String, value: String)? {
    switch self {
    case .ntfy: ("Authorization", "Bearer \(token)")
    case .gotify: ("X-Gotify-Key", token)
    case .discord: nil
    }
  }

  func body(for notice: Notice, url: WebhookURL) -> JSONContent {
    let style = Style(of: notice.event)
    switch self {
    case .ntfy:
      return [
        "topic": .text(Self.topic(of: url)), "title": .string(notice.title), "message": .string(notice.message),
        "priority": .number(style.ntfyPriority), "tags": [.string(style.ntfyTag)],
      ]
    case .gotify:
      return [
        "title": .string(notice.title), "message": .string(notice.message), "priority": .number(style.gotifyPriority),
      ]
    case .discord:
      return [
        "username": "pvescout",
        // Names come from other sources: none of them may mention a user.
        "allowed_mentions": ["parse": []],
        "embeds": [
          [
            "title": .string(String(notice.title.prefix(256))),
            "description": .string(String(notice.message.prefix(2000))),
            "color": .number(style.discordColor), "timestamp": Fact.since.value(of: notice),
          ]
        ],
      ]
    }
  }

  /// How each service marks an event.
  private struct Style {
    var ntfyPriority = 3.0
    var ntfyTag = "green_circle"
    var gotifyPriority = 4.0
    var discordColor = Double(0x2E_A0_43)

    init(of event: Notice.Event) {
      switch event {
      case .down: (ntfyPriority, ntfyTag, gotifyPriority, discordColor) = (4, "red_circle", 8, 0xD8_3C_3E)
      case .up: break
      case .test: (ntfyTag, discordColor) = ("test_tube", 0x58_65_F2)
      }
    }
  }

  /// ntfy's own rule for topics is `^[-_A-Za-z0-9]{1,64}$`.
  private static func topic(of url: WebhookURL) -> String? {
    let topic = url.path.dropFirst()
    let isTopic = topic.utf8.allSatisfy { byte in
      let character = Character(Unicode.Scalar(byte))
      return character.isASCII && (character.isLetter || character.isNumber) || byte == 0x2d || byte == 0x5f
    }
    return isTopic && (1...64).contains(topic.utf8.count) ? String(topic) : nil
  }
}
