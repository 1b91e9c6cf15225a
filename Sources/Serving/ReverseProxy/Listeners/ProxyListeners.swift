import Logging
import NIOCore
import ServerSockets

/// Where the proxy listens, brought in step with a configuration that changes. Connections that were accepted go on.
struct ProxyListeners {
  private struct Entry {
    /// As it stands in the configuration.
    var configured: ProxyConfiguration.Address
    var listener: ProxyListener
  }

  private let group: any EventLoopGroup
  private let workers: ProxyWorkers
  private let descriptors: DescriptorBudget
  private let logger: Logger
  private var entries: [String: Entry] = [:]
  private var applied: [String: ProxyConfiguration.Address]
  /// Why an address of the configuration is not listened on, by `http` and `https`.
  private(set) var failures: [String: ProxyListenError] = [:]

  /// `ADDRESS:PORT` by `http` and `https`.
  var addresses: [String: String] { entries.mapValues(\.listener.address) }

  /// Listens at all addresses, or throws.
  init(
    _ configuration: ProxyConfiguration, group: any EventLoopGroup, workers: ProxyWorkers,
    descriptors: DescriptorBudget, logger: Logger
  ) async throws {
    (self.group, self.workers, self.descriptors, self.logger) = (group, workers, descriptors, logger)
    applied = configuration.addresses
    do {
      for (key, address) in configuration.addresses { entries[key] = try await open(address, key) }
    } catch {
      await closeAll()
      throw error
    }
  }

  /// Listens at the addresses of another configuration, each before the one that it replaces is obsolete. One that cannot be
  /// listened on is told, and the one before it stays; the same configuration again retries what failed.
  mutating func apply(_ configuration: ProxyConfiguration) async {
    let wanted = configuration.addresses
    let isRetry = wanted == applied
    applied = wanted
    failures = failures.filter { wanted[$0.key] != nil }
    let obsolete = entries.filter { wanted[$0.key] != $0.value.configured }
    var missing = wanted.filter { entries[$0.key]?.configured != $0.value }
    // A retry interrupts no listener that works.
    if isRetry {
      missing = missing.filter { wanted in !obsolete.values.contains { $0.configured.port == wanted.value.port } }
    }
    // While one of ours has the port, nobody else gets it.
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
        address, key: key, group: group, workers: workers, descriptors: descriptors, logger: logger))
  }

  private mutating func tryToOpen(_ address: ProxyConfiguration.Address, _ key: String) async -> Entry? {
    do throws(ProxyListenError) {
      let entry = try await open(address, key)
      failures[key] = nil
      return entry
    } catch {
      if failures[key] != error { logger.error("\(error)", metadata: ["stays": "\(addresses[key] ?? "nowhere")"]) }
      failures[key] = error
      return nil
    }
  }

  private mutating func close(_ key: String, _ entry: Entry) async {
    if entries[key]?.listener.channel === entry.listener.channel { entries[key] = nil }
    // A closed socket has no address any more.
    let address = entry.listener.address
    try? await entry.listener.channel.close()
    logger.info("proxy listens no more", metadata: ["address": "\(address)", "scheme": "\(key)"])
  }
}

extension ProxyConfiguration {
  fileprivate var addresses: [String: Address] { ["http": http, "https": https].compactMapValues { $0 } }
}
