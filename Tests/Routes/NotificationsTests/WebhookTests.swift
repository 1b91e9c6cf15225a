import HTTPTransport
import TestSupport
import Testing

@testable import Notifications

@Suite struct WebhookTests {
  private func request(
    _ preset: WebhookPreset, _ url: String, _ notice: Notice, headers: [Webhook.Header] = []
  ) throws -> HTTPRequest {
    Webhook(url: try WebhookURL(url), form: .preset(preset), headers: headers).request(for: notice)
  }

  @Test func speaksNtfy() throws {
    let down = try request(.ntfy, "https://ntfy.example:8443/home_alerts", Samples.down(cause: "guest 105 is stopped"))
    #expect(down.method == .post)
    #expect(down.url == "https://ntfy.example:8443/")
    #expect(
      try JSON(parsing: down.body) == [
        "topic": "home_alerts", "title": "plex is down", "priority": 4, "tags": ["red_circle"],
        "message": "guest 105 is stopped\nhttp://10.0.0.50:32400, guest 105 (plex) on pve1",
      ])
    let up = try JSON(parsing: request(.ntfy, "https://ntfy.example/home_alerts", Samples.up()).body)
    #expect(up["priority"] == 3 && up["tags"] == ["green_circle"])
  }

  @Test func speaksGotify() throws {
    let down = try request(.gotify, "https://push.example/gotify/", Samples.down(cause: "guest 105 is stopped"))
    #expect(down.url == "https://push.example/gotify/message")
    #expect(
      try JSON(parsing: down.body) == [
        "title": "plex is down", "priority": 8,
        "message": "guest 105 is stopped\nhttp://10.0.0.50:32400, guest 105 (plex) on pve1",
      ])
    #expect(try JSON(parsing: request(.gotify, "https://push.example", Samples.up()).body)["priority"] == 4)
  }

  @Test(
    arguments: [
      ("https://push.example", "https://push.example/message"),
      ("https://push.example/message?token=t", "https://push.example/message?token=t"),
      ("https://push.example?token=t", "https://push.example/message?token=t"),
    ])
  func findsGotifysPath(_ url: String, _ expected: String) throws {
    #expect(try request(.gotify, url, Samples.down()).url == expected)
  }

  @Test func speaksDiscord() throws {
    let url = "https://discord.com/api/webhooks/123/geheim?thread_id=4"
    let down = try request(.discord, url, Samples.down(cause: "guest 105 is stopped @everyone"))
    #expect(down.url == url)
    #expect(
      try JSON(parsing: down.body) == [
        "username": "pvescout", "allowed_mentions": ["parse": []],
        "embeds": [
          [
            "title": "plex is down", "color": 0xD8_3C_3E, "timestamp": "2026-09-21T14:13:20Z",
            "description": "guest 105 is stopped @everyone\nhttp://10.0.0.50:32400, guest 105 (plex) on pve1",
          ]
        ],
      ])
  }

  @Test func headersOfOnesOwnReplaceTheUsualOnes() throws {
    let headers = [Webhook.Header(name: "content-type", value: "application/x"), .init(name: "X-Key", value: "k")]
    let request = try request(.gotify, "https://push.example", Samples.down(), headers: headers)
    #expect(request.headers.map(\.name) == ["User-Agent", "content-type", "X-Key"])
  }

  @Test(
    arguments: [
      (WebhookPreset.ntfy, "https://ntfy.sh/topic", true), (.ntfy, "https://ntfy.sh/", false),
      (.ntfy, "https://ntfy.sh/a/b", false), (.ntfy, "https://ntfy.sh/a%20b", false),
      (.gotify, "https://push.example", true), (.discord, "https://discord.com/api/webhooks/1/x", true),
      (.discord, "https://discord.com/channels/1", false),
    ])
  func knowsWhichURLFits(_ preset: WebhookPreset, _ url: String, _ fits: Bool) throws {
    #expect((preset.problem(with: try WebhookURL(url)) == nil) == fits)
  }

  @Test(
    arguments: [
      ("https://a.example", "https://a.example/", "https://a.example"),
      ("HTTP://a.example:80?x=1", "http://a.example:80/?x=1", "http://a.example"),
      ("https://[fd00::1]:8443/p#f", "https://[fd00::1]:8443/p", "https://[fd00::1]"),
    ])
  func readsAURL(_ text: String, _ expected: String, _ shown: String) throws {
    let url = try WebhookURL(text)
    #expect(url.text() == expected)
    #expect(url.shown == shown)
  }

  @Test(
    arguments: [
      "ntfy.sh/topic", "ftp://a.example", "https://", "https:///path", "https://user:pw@a.example/",
      "https://a.example:0/",
      "https://a.example:http/", "https://a.example/a b", "https://[fd00::1",
    ])
  func refusesWhatIsNoURL(_ text: String) {
    do throws(WebhookURL.Invalid) {
      _ = try WebhookURL(text)
      Issue.record("it was taken")
    } catch { #expect(!error.reason.contains("a.example")) }
  }

  @Test(
    arguments: [
      (200, nil, DeliveryResult.taken), (204, nil, .delivered(answer: "it answered 204")),
      (502, nil, .failed(reason: "it answered 502")),
      (404, nil, .failed(reason: "it answered 404")),
      (429, "7", .failed(reason: "it answered 429", retryAfter: .seconds(7))),
      (503, "Wed, 21 Oct 2026 07:28:00 GMT", .failed(reason: "it answered 503")),
      (301, nil, .refused(reason: "it answered 301: redirects are not followed, name the final URL")),
      (401, nil, .refused(reason: "it answered 401: it wants another token")),
      (413, nil, .refused(reason: "it answered 413: it does not take this message")),
    ] as [(Int, String?, DeliveryResult)])
  func judgesTheAnswer(_ status: Int, _ retryAfter: String?, _ expected: DeliveryResult) {
    let headers = retryAfter.map { [(name: "retry-after", value: $0)] } ?? []
    #expect(Webhook.result(of: HTTPResponse(status: status, reasonPhrase: "geheim", headers: headers)) == expected)
  }

  /// Neither as bad as a route that is down nor as good as one that is up.
  @Test func marksATest() throws {
    let test = Notice.test(of: "phone", at: Samples.start)
    let words = "a test of 'phone' by 'pvescout notify test'; no route has changed"
    #expect(
      try JSON(parsing: request(.ntfy, "https://ntfy.example/alerts", test).body) == [
        "topic": "alerts", "title": "pvescout: this is a test", "message": .string(words), "priority": 3,
        "tags": ["test_tube"],
      ])
    let gotify = try JSON(parsing: request(.gotify, "https://push.example", test).body)
    #expect(gotify["priority"] == 4 && gotify["title"] == "pvescout: this is a test")
    let discord = try JSON(parsing: request(.discord, "https://discord.com/api/webhooks/1/x", test).body)
    #expect(discord["embeds"][0]["color"] == 0x58_65_F2, "\(discord)")
  }
}
