import NIOCore
import NIOPosix
import RouteModel
import Synchronization

/// The addresses that this agent's UDP routes listen on.
final class DatagramAddresses: Sendable {
  private struct State {
    var listeners: [ObjectIdentifier: SocketAddress] = [:]
    var machine: Set<IPAddress> = []
    var machineReadAt: NIODeadline?
  }

  /// How long the machine's addresses are cached.
  private static let memory = TimeAmount.seconds(10)

  private let state = Mutex(State())

  init() {}

  func add(_ address: SocketAddress, of channel: any Channel) {
    state.withLock { $0.listeners[ObjectIdentifier(channel)] = address }
  }

  func remove(_ channel: any Channel) { state.withLock { $0.listeners[ObjectIdentifier(channel)] = nil } }

  /// Whether the address is one of the listeners', so that no datagram from elsewhere can come from it.
  func contains(_ source: SocketAddress) -> Bool {
    guard let port = source.port, let ip = source.ipAddress.flatMap({ IPAddress($0) }) else { return false }
    return state.withLock { state in
      state.listeners.values.contains { listener in
        guard listener.port == port, let own = listener.ipAddress.flatMap({ IPAddress($0) }) else { return false }
        return own == ip || own.isUnspecified && (ip.isLocalhost || Self.machine(&state).contains(ip))
      }
    }
  }

  private static func machine(_ state: inout State) -> Set<IPAddress> {
    let now = NIODeadline.now()
    if let readAt = state.machineReadAt, now - readAt < memory { return state.machine }
    let devices = (try? System.enumerateDevices()) ?? []
    state.machine = Set(devices.compactMap { $0.address?.ipAddress.flatMap { IPAddress($0) } })
    state.machineReadAt = now
    return state.machine
  }
}
