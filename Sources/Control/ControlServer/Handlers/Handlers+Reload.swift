import ControlAPI
import LinuxSystem
import RouteModel

extension Handlers {
  func reload(_ request: APIRequest) async throws -> Response {
    _ = try await administrator(request, to: "reload")
    switch await agent.reload() {
    case .done(let generation, let warnings, let restartNeeded):
      return .json(
        ReloadAnswer(
          generation: generation, warnings: warnings.map(\.description), restartNeeded: restartNeeded))
    case .refused(let problems):
      let errors = problems.count { $0.severity == .error }
      let answer = ErrorAnswer(
        code: "reload_refused", message: "the files have \(errors) error\(errors == 1 ? "" : "s"); nothing was changed",
        hint: "mend them and reload again; until then 'pvescout status' shows the same list",
        problems: problems.map(\.description))
      return .json(answer, status: .unprocessableContent)
    }
  }

  /// The caller's credentials; throws if the caller may not change anything.
  func administrator(_ request: APIRequest, to act: String) async throws(APIFailure) -> PeerCredentials {
    let permission = permission()
    guard let peer = await PeerCredentials(of: request.channel), await offPool({ permission.allows(peer) })
    else { throw APIFailure.forbidden("you may read here, but not \(act)", hint: permission.hint) }
    return peer
  }
}
