import HTTPMessages
import NIOCore
enum ProxyFailure {
  case noRoute(host: String)
  case noTarget(reason: String)
  case badRequest(MessageFault)
  case badResponse(String)
  case connectionLost
  case timedOut
  case clientTooSlow
  case refused(String)
  var status: Int {
    switch self {
    case .noRoute: 404
    case .noTarget: 503
    case .badRequest(.headTooLarge), .badRequest(.tooManyFields): 431
    case .badRequest: 400
    case .badResponse, .connectionLost, .refused: 502
    case .timedOut: 504
    case .clientTooSlow: 408
    }
  }
  init(connecting error: any Error, to endpoint: UpstreamEndpoint) { self = .refused("\(error)") }
}
