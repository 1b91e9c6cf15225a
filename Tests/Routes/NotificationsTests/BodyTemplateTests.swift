import RouteModel
import TestSupport
import Testing

@testable import Notifications

@Suite struct BodyTemplateTests {
  private func filled(_ template: String, _ notice: Notice) throws -> JSON {
    try JSON(parsing: BodyTemplate(template).body(for: notice))
  }

  @Test func putsFactsIn() throws {
    let text = #"{"text": "{{title}}: {{ cause }}", "list": ["{{event}}", 3, true, null], "id": "{{guest}}"}"#
    #expect(
      try filled(text, Samples.down(cause: "stopped")) == [
        "text": "plex is down: stopped", "list": ["down", 3, true, .null], "id": 105,
      ])
  }

  @Test(
    arguments: [
      ("event", "up"), ("key", "plex"), ("alias", "plex"), ("provider", "file:routes"), ("status", "healthy"),
      ("previous", "unhealthy"), ("cause", "guest 105 is stopped"), ("detail", "200 OK"),
      ("target", "http://10.0.0.50:32400"), ("since", "2026-09-21T14:16:32Z"), ("down_seconds", 192),
      ("cluster", "home"), ("node", "pve1"), ("guest", 105), ("guest_name", "plex"), ("title", "plex is up again"),
    ] as [(String, JSON)])
  func knowsEveryFact(_ name: String, _ expected: JSON) throws {
    #expect(try filled("\"{{\(name)}}\"", Samples.up()) == expected)
  }

  @Test func whatThereIsNotIsNullAloneAndNothingInAText() throws {
    let text = #"["{{guest}}", "[{{guest}}]", "{{down_seconds}}"]"#
    let notice = Notice(.down, try Samples.observation(.unhealthy), isFirst: false)
    #expect(try filled(text, notice) == [.null, "[]", .null])
  }

  @Test func noFactBreaksOutOfItsString() throws {
    let cause = "\", \"admin\": true, \"x\": \"\n{{key}}\\"
    // A fact is a single line.
    let shown = String(cause.map { $0 == "\n" ? " " : $0 }) + "."
    #expect(try filled(#"{"text": "{{cause}}."}"#, Samples.down(cause: cause)) == ["text": .string(shown)])
  }

  @Test(
    arguments: [
      ("hello {{title}}", "must be JSON, such as '{\"text\": \"{{title}}: {{message}}\"}'"),
      ("{\"text\": {{title}}}", "must be JSON, such as '{\"text\": \"{{title}}: {{message}}\"}'"),
      (
        "{\"a\": [\"{{titel}}\"]}",
        "has no '{{titel}}' to put in; there are event, title, message, key, alias, provider, status, previous, cause, detail, target, since, down_seconds, cluster, node, guest, guest_name"
      ),
    ])
  func refusesAWrongTemplate(_ text: String, _ expected: String) {
    do throws(BodyTemplate.Invalid) {
      _ = try BodyTemplate(text)
      Issue.record("it was taken")
    } catch { #expect(error.reason == expected) }
  }
}
