import Testing

@testable import RouteProviders

@Suite struct FilePathTests {
  @Test(
    arguments: [
      ("/etc/pvescout", "routes.yml", "/etc/pvescout/routes.yml"), ("/etc/pvescout", "../x.yml", "/etc/x.yml"),
      ("/etc", "/srv//a/./b.yml", "/srv/a/b.yml"), ("", "routes.yml", "routes.yml"),
      (".", "./routes.yml", "routes.yml"),
      ("..", "../routes.yml", "../../routes.yml"), ("/", "../../a", "/a"),
    ])
  func joins(_ folder: String, _ path: String, _ expected: String) {
    #expect(FilePath.join(folder, path) == expected)
  }

  @Test(
    arguments: [
      ("routes.yml", "routes"), ("routes.d/a.b.yaml", "routes.d/a.b"), ("routes.d/plain", "routes.d/plain"),
      (".hidden", ".hidden"), ("a/.hidden", "a/.hidden"),
    ])
  func takesTheExtensionAway(_ path: String, _ expected: String) {
    #expect(FilePath.withoutExtension(path) == expected)
  }
}
