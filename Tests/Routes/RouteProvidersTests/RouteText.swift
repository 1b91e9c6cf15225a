import RouteModel
import Testing

@testable import RouteProviders

/// Parses route files from texts with the real parser.
enum RouteText {
  static func parse(_ text: String, environment: [String: String] = [:]) throws -> (
    routes: [RouteDeclaration], problems: [Problem]
  ) {
    let parser = RouteFileParser(
      file: "routes.yml", provider: ProviderName("file:routes"), baseDirectory: "/etc/pvescout",
      environment: environment)
    return try parser.parse(text)
  }

  /// The single route of a text without problems.
  static func route(_ text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws
    -> RouteDeclaration
  {
    let (routes, problems) = try parse(text)
    #expect(problems.isEmpty, sourceLocation: sourceLocation)
    return try #require(routes.count == 1 ? routes.first : nil, sourceLocation: sourceLocation)
  }

  /// The problems of a text, as printed by `check`, without the file name.
  static func problems(_ text: String) throws -> [String] {
    do {
      return try parse(text).problems.map { String($0.description.dropFirst("routes.yml:".count)) }
    } catch { return ["\(error)"] }
  }
}
