import TestSupport
import Testing

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(2)))
struct ConfigurationCheckTests {
  /// `doctor` judges whether the unit's user can read them.
  @Test func namesTheFilesThatRoutesName() throws {
    let files = try AgentFiles(routes: [
      "routes.yml": """
      ui: {host: 10.0.0.1, scheme: https, ssl_trusted_certificate: ca.pem}
      docs: {scheme: fileserver, root: /srv/docs}
      app: {scheme: fileserver, root: app, index: start.html}
      """
    ])
    try files.write()
    let check = ConfigurationCheck(path: files.configurationPath, environment: [:])
    let folder = files.directory.path
    #expect(check.filesOfRoutes == ["\(folder)/ca.pem", "/srv/docs/index.html", "\(folder)/app/start.html"])
  }
}
