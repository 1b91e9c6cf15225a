import RouteModel
import Testing

@Suite struct RouteAliasTests {
  @Test(arguments: [
    "plex", "Plex", "plex.example.org", "a-b_c", "1", "*.example.org", String(repeating: "a", count: 63),
  ])
  func takesHostNames(_ text: String) throws {
    #expect(try RouteAlias(text).text == text)
  }

  @Test(
    arguments: [
      ("", "an alias cannot be empty"),
      ("a b", "alias 'a b' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
      ("a..b", "alias 'a..b' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
      ("plex.", "alias 'plex.' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
      ("*", "alias '*' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
      ("a.*", "alias 'a.*' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
      ("plex:80", "alias 'plex:80' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
      ("café", "alias 'café' is not a host name: wanted labels of letters, digits, '-' and '_' between dots"),
    ])
  func refusesOtherTexts(_ text: String, _ message: String) {
    #expect(throws: RouteAlias.Invalid.self) { try RouteAlias(text) }
    do { _ = try RouteAlias(text) } catch { #expect(error.description == message) }
  }

  @Test func refusesWhatDNSCannotHold() {
    #expect(throws: RouteAlias.Invalid.self) { try RouteAlias(String(repeating: "a", count: 64)) }
    #expect(throws: RouteAlias.Invalid.self) { try RouteAlias(String(repeating: "a.", count: 126) + "ab") }
  }

  @Test func caseDoesNotCount() throws {
    #expect(try RouteAlias("Plex") == RouteAlias("pleX"))
    #expect(try Set([RouteAlias("Plex"), RouteAlias("plex")]).count == 1)
    #expect(try [RouteAlias("b"), RouteAlias("A"), RouteAlias("C")].sorted().map(\.text) == ["A", "b", "C"])
  }

  @Test func aShortAliasHasOneLabel() throws {
    #expect(try RouteAlias("plex").isShort)
    #expect(try !RouteAlias("plex.lan").isShort)
  }

  @Test func anIDTellsItsDeclaration() throws {
    let id = RouteID(provider: ProviderName("file:routes"), alias: try RouteAlias("plex"))
    #expect(id.description == "file:routes:plex")
    let second = RouteID(provider: id.provider, alias: id.alias, ordinal: 1)
    #expect(second.description == "file:routes:plex#2")
    #expect(id < second)
  }
}
