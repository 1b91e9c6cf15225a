import Logging
import NIOCore
import ServerSockets

/// The open listeners of the proxy, updated when the configuration changes. Accepted connections stay open.
struct ProxyListeners {
  private struct Entry {
    /// The address in the configuration.
    var configured: ProxyConfiguration.Address
    var listener: ProxyListener
  }

  private let group: any EventLoopGroup
  private let workers: ProxyWorkers
  private let descriptors: DescriptorBudget
  private let inherited: InheritedSockets
  private let logger: Logger
  private var entries: [String: Entry] = [:]
  private var applied: [String: ProxyConfiguration.Address]
  /// Why a configured address has no listener, by `http` and `https`.
  private(set) var failures: [String: ProxyListenError] = [:]

  /// `ADDRESS:PORT` by `http` and `https`.
  var addresses: [String: String] { entries.mapValues(\.listener.address) }

  /// Opens all listeners, or throws.
  init(
    _ configuration: ProxyConfiguration, group: any EventLoopGroup, workers: ProxyWorkers,
    descriptors: DescriptorBudget, inherited: InheritedSockets, logger: Logger
  ) async throws {
    (self.group, self.workers, self.descriptors, self.logger) = (group, workers, descriptors, logger)
    self.inherited = inherited
    applied = configuration.addresses
    do {
      for (key, address) in configuration.addresses { entries[key] = try await open(address, key) }
    } catch {
      await closeAll()
      throw error
    }
  }

  /// Opens the listeners of another configuration, each before it closes the one that it replaces. If one cannot be
  /// opened, that is logged and the previous one stays. The same configuration again retries what failed.
  mutating func apply(_ configuration: ProxyConfiguration) async {
    let wanted = configuration.addresses
    let isRetry = wanted == applied
    applied = wanted
    failures = failures.filter { wanted[$0.key] != nil }
    let obsolete = entries.filter { wanted[$0.key] != $0.value.configured }
    var missing = wanted.filter { entries[$0.key]?.configured != $0.value }
    // A retry does not close a working listener.
    if isRetry {
      missing = missing.filter { wanted in !obsolete.values.contains { $0.configured.port == wanted.value.port } }
    }
    // An own listener on the same port has to be closed before the new one is opened.
    let ports = Set(missing.values.map(\.port))
    let closedFirst = obsolete.filter { ports.contains($0.value.configured.port) }
    for (key, entry) in closedFirst { await close(key, entry) }
    for (key, address) in missing {
      guard let entry = await tryToOpen(address, key) else { continue }
      if let old = entries.updateValue(entry, forKey: key) { await close(key, old) }
    }
    for (key, entry) in obsolete where wanted[key] == nil && closedFirst[key] == nil { await close(key, entry) }
    for (key, entry) in closedFirst where wanted[key] != nil && entries[key] == nil {
      entries[key] = try? await open(entry.configured, key)
    }
  }

  mutating func closeAll() async {
    for entry in entries.values { try? await entry.listener.channel.close() }
    entries = [:]
  }

  private func open(_ address: ProxyConfiguration.Address, _ key: String) async throws(ProxyListenError) -> Entry {
    Entry(
      configured: address,
      listener: try await .open(
        address, key: key, group: group, workers: workers, descriptors: descriptors, inherited: inherited,
        logger: logger))
  }

  private mutating func tryToOpen(_ address: ProxyConfiguration.Address, _ key: String) async -> Entry? {
    do throws(ProxyListenError) {
      let entry = try await open(address, key)
      failures[key] = nil
      return entry
    } catch {
      if failures[key] != error {
        logger.error("\(error)", metadata: ["previous.address": "\(addresses[key] ?? "none")"])
      }
      failures[key] = error
      return nil
    }
  }

  private mutating func close(_ key: String, _ entry: Entry) async {
    if entries[key]?.listener.channel === entry.listener.channel { entries[key] = nil }
    // A closed socket has no address.
    let address = entry.listener.address
    try? await entry.listener.channel.close()
    logger.info("proxy listener closed", metadata: ["address": "\(address)", "scheme": "\(key)"])
  }
}

extension ProxyConfiguration {
  fileprivate var addresses: [String: Address] { ["http": http, "https": https].compactMapValues { $0 } }
}
