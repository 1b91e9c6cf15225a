import ControlAPI
import Hummingbird
import ProxmoxInventory

extension Handlers {
  func liveness(_ request: APIRequest) throws -> Response { try .json(LivenessAnswer()) }

  func readiness(_ request: APIRequest) throws -> Response {
    let readiness = agent.readiness
    let answer = ReadinessAnswer(readiness, clusters: agent.inventory.clusters)
    return try .json(answer, status: readiness.isReady ? .ok : .serviceUnavailable)
  }
}
