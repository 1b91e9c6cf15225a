import ControlAPI
import LinuxSystem
import RouteModel
import RouteValidation

extension Handlers {
  func lookup(_ request: APIRequest) throws -> Response {
    let host = try request.query.single("host")
    let text = try request.query.single("address")
    let alias = try request.query.single("alias")
    guard host != nil || text != nil || alias != nil else {
      throw APIFailure.badRequest(
        "missing_parameter", "a lookup needs something to look for",
        hint: "give at least one of host, address and alias")
    }
    let address = text.flatMap { IPAddress($0) }
    if let text, address == nil {
      throw APIFailure.badRequest(
        "invalid_parameter", "'address' wants an IP address, found '\(text.excerpt)'", hint: "a name belongs in 'host'")
    }
    let decision = ReverseLookup(inventory: agent.inventory)
      .explain(host: host, address: address, alias: alias, suggestsNames: true)
    return .json(
      LookupAnswer(link: LinkJSON(decision.link), steps: decision.steps.map(LinkStepJSON.init)))
  }
}
