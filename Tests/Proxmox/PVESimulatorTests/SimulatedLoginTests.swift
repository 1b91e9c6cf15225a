import Foundation
import PVESimulator
import Testing

/// Tokens and tickets.
@Suite(.timeLimit(.minutes(5))) struct SimulatedLoginTests {
  private func start() async throws -> PVESimulator {
    var cluster = SimulatedCluster.sample(nodes: 1, guests: 1)
    let rights = Permissions.auditor(cluster.version)
    cluster.users = [
      SimulatedUser(name: "root@pam", password: "a+b=c&d", permissions: rights),
      SimulatedUser(name: "ann@pve", password: "secret", permissions: rights, totpCode: "123456"),
    ]
    return try await PVESimulator.start(cluster: cluster)
  }

  @Test(
    arguments: [
      (nil, "No ticket"), ("Bearer abc", "No ticket"),
      ("PVEAPIToken=pvescout@pve!agent=wrong", "Authentication failed!"),
      ("PVEAPIToken=nobody@pve!agent=11111111-2222-3333-4444-555555555555", "Authentication failed!"),
    ] as [(String?, String)])
  func answersA401WithoutBody(authorization: String?, reason: String) async throws {
    let simulator = try await start()
    let answer = try await SimulatorClient(simulator, authorization: authorization).get("/version")
    #expect(answer.status == 401)
    #expect(answer.reason == reason)
    #expect(answer.body.isEmpty)
    #expect(!answer.headers.contains { $0.lowercased().hasPrefix("content-length") })
    await simulator.shutdown()
  }

  @Test(arguments: ["PVEAPIToken=pvescout%40pve%21agent=", "PVEAPIToken pvescout@pve!agent="])
  func acceptsBothSpellingsOfAToken(prefix: String) async throws {
    let simulator = try await start()
    let header = prefix + SimulatedCluster.sampleToken.secret
    #expect(try await SimulatorClient(simulator, authorization: header).get("/version").status == 200)
    await simulator.shutdown()
  }

  @Test func givesATicketThatHoldsAndCanBeRenewed() async throws {
    let simulator = try await start()
    let client = SimulatorClient(simulator, authorization: nil)
    let login = try await client.post("/access/ticket", ["username": "root@pam", "password": "a+b=c&d"])
    let ticket = try #require(login.object["ticket"] as? String)
    #expect(ticket.hasPrefix("PVE:root@pam:"))
    #expect(login.object["clustername"] as? String == "home")

    let renewed = try await client.post("/access/ticket", ["username": "root", "realm": "pam", "password": ticket])
    let second = try #require(renewed.object["ticket"] as? String)
    for ticket in [ticket, second] {
      let encoded = ticket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      #expect(try await client.get("/version", cookie: "PVEAuthCookie=\(encoded)").status == 200)
    }
    simulator.forgetTickets()
    #expect(try await client.get("/version", cookie: "PVEAuthCookie=\(ticket)").status == 401)
    await simulator.shutdown()
  }

  @Test func takesTheCookieBeforeTheToken() async throws {
    let simulator = try await start()
    #expect(try await SimulatorClient(simulator).get("/version", cookie: "PVEAuthCookie=stray").status == 401)
    await simulator.shutdown()
  }

  @Test func endsATicketWithItsTime() async throws {
    let simulator = try await start()
    let client = SimulatorClient(simulator, authorization: nil)
    let login = try await client.post("/access/ticket", ["username": "root@pam", "password": "a+b=c&d"])
    let ticket = try #require(login.object["ticket"] as? String)
    simulator.update { $0.ticketLifetime = .zero }
    #expect(try await client.get("/version", cookie: "PVEAuthCookie=\(ticket)").status == 401)
    await simulator.shutdown()
  }

  @Test func asksForTheSecondFactor() async throws {
    let simulator = try await start()
    let client = SimulatorClient(simulator, authorization: nil)
    let first = try await client.post("/access/ticket", ["username": "ann@pve", "password": "secret"])
    #expect(first.object["NeedTFA"] as? Int == 1)
    let half = try #require(first.object["ticket"] as? String)
    #expect(half.hasPrefix("PVE:!tfa!{"))
    #expect(try await client.get("/version", cookie: "PVEAuthCookie=\(half)").status == 401)

    for (code, status) in [("totp:000000", 401), ("123456", 401), ("totp:123456", 200)] {
      let second = try await client.post(
        "/access/ticket", ["username": "ann@pve", "tfa-challenge": half, "password": code])
      #expect(second.status == status, "\(code)")
    }
    await simulator.shutdown()
  }

  @Test(arguments: [("root@pam", "wrong"), ("nobody@pam", "a+b=c&d")])
  func refusesAWrongLogin(user: String, password: String) async throws {
    let simulator = try await start()
    let answer = try await SimulatorClient(simulator, authorization: nil).post(
      "/access/ticket", ["username": user, "password": password])
    #expect(answer.status == 401)
    #expect(answer.reason == "authentication failure")
    await simulator.shutdown()
  }
}
