import Testing

/// The allowed imports of each module. A new row needs a reason, and an unused row also fails.
@Suite struct ImportTests {
  /// Libraries from outside the package, and the reason why a module may import them.
  struct Row: Sendable, CustomTestStringConvertible {
    var library: String
    var module: String
    var reason: String
    var testDescription: String { "\(module) may import \(library)" }
  }

  /// Part of the toolchain and without weight in the binary: any module may import them.
  static let free: Set<String> = ["FoundationEssentials", "Synchronization"]

  static let allowed: [Row] = [
    Row(library: "Yams", module: "YAMLDocument", reason: "the only place that knows YAML"),
    Row(library: "ArgumentParser", module: "Commands", reason: "the verbs and their options"),
    Row(library: "ArgumentParser", module: "pvescout", reason: "runs the root command"),
    Row(library: "NIOCore", module: "ControlServer", reason: "connections of the socket, their bytes and credentials"),
    Row(library: "NIOPosix", module: "ControlServer", reason: "the event loops of the socket"),
    Row(library: "NIOCore", module: "PVESimulator", reason: "an HTTPS server without a client's manners"),
    Row(library: "NIOPosix", module: "PVESimulator", reason: "its event loop"),
    Row(library: "NIOHTTP1", module: "PVESimulator", reason: "HTTP/1.1 with reason phrases of its own"),
    Row(library: "NIOSSL", module: "PVESimulator", reason: "its TLS"),
    Row(library: "NIOCore", module: "Commands", reason: "the demo's services"),
    Row(library: "NIOPosix", module: "Commands", reason: "the demo's services"),
    Row(library: "NIOHTTP1", module: "Commands", reason: "the demo's services"),
    Row(library: "Logging", module: "Commands", reason: "where log lines go to"),
    Row(library: "ServiceLifecycle", module: "Commands", reason: "runs the agent until a signal"),
    Row(library: "UnixSignals", module: "Commands", reason: "the signals that stop it"),
    Row(library: "Glibc", module: "Commands", reason: "terminals; the local time; files with an owner and a mode"),
    Row(library: "Glibc", module: "ControlServer", reason: "socket files, locks, peer credentials, groups"),
    Row(library: "Glibc", module: "HealthMonitoring", reason: "looking at a file server's root"),
    Row(library: "Logging", module: "AgentRuntime", reason: "events of the agent"),
    Row(library: "Logging", module: "ControlServer", reason: "events of the socket"),
    Row(library: "Logging", module: "HealthMonitoring", reason: "events of the probes"),
    Row(library: "Glibc", module: "Notifications", reason: "spawning hooks, fnmatch(3)"),
    Row(library: "Logging", module: "Notifications", reason: "events of the deliveries"),
    Row(library: "ServiceLifecycle", module: "Notifications", reason: "a service of the group"),
    Row(library: "Logging", module: "ProxmoxDiscovery", reason: "events of the clusters"),
    Row(library: "Logging", module: "GuestControl", reason: "starts, stops and why not"),
    Row(library: "Logging", module: "Reconciliation", reason: "events of the routes"),
    Row(library: "Logging", module: "StateFiles", reason: "files that cannot be read or written"),
    Row(library: "ServiceLifecycle", module: "AgentRuntime", reason: "the one group of services"),
    Row(library: "ServiceLifecycle", module: "ControlServer", reason: "a service of the group"),
    Row(library: "ServiceLifecycle", module: "GuestControl", reason: "a service of the group"),
    Row(library: "ServiceLifecycle", module: "HealthMonitoring", reason: "a service of the group"),
    Row(library: "ServiceLifecycle", module: "ProxmoxDiscovery", reason: "a service of the group"),
    Row(library: "ServiceLifecycle", module: "Reconciliation", reason: "a service of the group"),
    Row(library: "ServiceLifecycle", module: "RouteProviders", reason: "the watcher is a service of the group"),
    Row(library: "UnixSignals", module: "AgentRuntime", reason: "SIGHUP"),
    Row(library: "Glibc", module: "AgentRuntime", reason: "the datagram to systemd"),
    Row(library: "Logging", module: "Benchmarks", reason: "a logger that says nothing"),
    Row(library: "ArgumentParser", module: "Benchmarks", reason: "its options"),
    Row(library: "Foundation", module: "Benchmarks", reason: "Process: the simulator beside the measurement"),
    Row(library: "Glibc", module: "Benchmarks", reason: "processor time, pthreads"),
    Row(library: "Glibc", module: "ControlClient", reason: "who may open the socket, where this user may not"),
    Row(library: "Glibc", module: "Diagnosis", reason: "who can write the state directory and read the files"),
    Row(library: "Glibc", module: "LinuxSystem", reason: "epoll, eventfd, threads, users and groups"),
    Row(library: "Glibc", module: "PrintableText", reason: "strftime(3) and timegm(3)"),
    Row(library: "Dispatch", module: "FileServing", reason: "a thread waits for work for a limited time"),
    Row(library: "Dispatch", module: "LinuxSystem", reason: "the queue of an actor whose work blocks"),
    Row(library: "Glibc", module: "NameResolution", reason: "getaddrinfo(3)"),
    Row(library: "Glibc", module: "HTTPTransport", reason: "sockets"),
    Row(library: "Glibc", module: "ProxyTLS", reason: "why a certificate file cannot be read"),
    Row(library: "Logging", module: "ProxyTLS", reason: "certificates that are read again"),
    Row(library: "NIOCore", module: "ProxyTLS", reason: "the channels on which handshakes happen"),
    Row(library: "NIOTLS", module: "ProxyTLS", reason: "the event that ends a handshake"),
    Row(library: "NIOSSL", module: "ProxyTLS", reason: "TLS towards clients and upstreams"),
    Row(library: "Glibc", module: "RouteModel", reason: "inet_pton: what is an address"),
    Row(library: "Glibc", module: "RouteProviders", reason: "glob(3)"),
    Row(
      library: "Glibc", module: "RouteRegistry",
      reason: "which thread is it, for readers to keep out of each other's way"),
    Row(library: "Logging", module: "RouteRegistry", reason: "routes that come and go, for debugging"),
    Row(library: "Glibc", module: "FileServing", reason: "the files"),
    Row(library: "Glibc", module: "ProxyTraffic", reason: "the access log's file"),
    Row(library: "Dispatch", module: "ProxyTraffic", reason: "a disk that hangs blocks no thread of the pool"),
    Row(library: "Logging", module: "ProxyTraffic", reason: "an access log that cannot be written"),
    Row(library: "ServiceLifecycle", module: "ProxyTraffic", reason: "the access log is a service of the group"),
    Row(library: "NIOCore", module: "ServerSockets", reason: "a handler of listening sockets"),
    Row(library: "Logging", module: "ServerSockets", reason: "connections that cannot be accepted"),
    Row(library: "Glibc", module: "ServerSockets", reason: "the errors of accept(2)"),
    Row(library: "NIOCore", module: "WakeOnDemand", reason: "clients wait on their event loops"),
    Row(library: "NIOCore", module: "StreamProxy", reason: "channels, and the handlers in them"),
    Row(library: "NIOPosix", module: "StreamProxy", reason: "TCP and UDP sockets"),
    Row(library: "NIOSSL", module: "StreamProxy", reason: "TLS that ends here"),
    Row(library: "NIOTLS", module: "StreamProxy", reason: "the server name that a client asks for"),
    Row(library: "Logging", module: "StreamProxy", reason: "events of the streams"),
    Row(library: "ServiceLifecycle", module: "StreamProxy", reason: "a service of the group"),
    Row(library: "Glibc", module: "StreamProxy", reason: "the errors of bind(2)"),
    Row(library: "Glibc", module: "ReverseProxy", reason: "errno: why an upstream was not reached"),
    Row(library: "NIOCore", module: "ReverseProxy", reason: "connections and their bytes"),
    Row(library: "NIOPosix", module: "ReverseProxy", reason: "its sockets"),
    Row(library: "NIOPosix", module: "ServerSockets", reason: "what an attempt at several addresses met"),
    Row(library: "NIOSSL", module: "ReverseProxy", reason: "TLS with clients"),
    Row(library: "NIOTLS", module: "ReverseProxy", reason: "which server a client asks for, what it speaks"),
    Row(library: "Logging", module: "ReverseProxy", reason: "where it listens, for those who look for it"),
    Row(library: "ServiceLifecycle", module: "ReverseProxy", reason: "a service of the group"),
    Row(library: "NIOCore", module: "HTTPMessages", reason: "messages stand in its buffers"),
    Row(library: "NIOCore", module: "AgentRuntime", reason: "the event loops that serve"),
    Row(library: "NIOPosix", module: "AgentRuntime", reason: "the event loops that serve"),
    Row(library: "Glibc", module: "StateFiles", reason: "fsync(2) and rename(2)"),
    Row(library: "Glibc", module: "YAMLDocument", reason: "why a file cannot be read"),
  ]

  /// The package's own C modules, which have no Swift sources.
  static let systemModules: Set<String> = [
    "CAllocationCount", "CCurl", "CLinux", "COpenSSL",
  ]
  static let modules: [String] = Array(Set(sources.map(\.module))).sorted()
  static let sources: [SourceTree.File] = (try? SourceTree.files(below: "Sources")) ?? []

  @Test func findsTheSources() {
    #expect(Self.sources.count > 50)
    #expect(Self.modules.contains("RouteModel"))
  }

  @Test(arguments: modules)
  func importsOnlyTheLibrariesOfItsRows(module: String) throws {
    let own = Self.systemModules.union(Self.modules)
    let allowed = Self.free.union(Self.allowed.filter { $0.module == module }.map(\.library))
    for file in Self.sources where file.module == module {
      let strange = file.imports.subtracting(own).subtracting(allowed)
      #expect(strange.isEmpty, "\(file.path) imports \(strange.sorted()): add a row with the reason, or do without")
    }
  }

  @Test(arguments: allowed)
  func everyRowIsInUse(row: Row) {
    #expect(Self.sources.contains { $0.module == row.module && $0.imports.contains(row.library) })
  }

  @Test func noRowIsThereTwice() {
    let named = Self.allowed.map { "\($0.module) \($0.library)" }
    #expect(Set(named).count == named.count)
  }

  @Test func everyModuleIsInTheFolderOfItsLayer() throws {
    let declared = try SourceTree.declaredModules()
    for file in Self.sources {
      guard let module = declared.first(where: { $0.name == file.module }) else { continue }
      #expect(file.layer == module.layer, "\(file.path)")
    }
  }

  @Test func theGraphPointsDown() throws {
    let declared = try SourceTree.declaredModules()
    #expect(declared.count > 10)
    var below = Self.systemModules
    for module in declared {
      let upward = module.imports.filter { !below.contains($0) }
      #expect(upward.isEmpty, "\(module.name) imports \(upward), which Package.swift lists later")
      below.insert(module.name)
    }
  }

  @Test func noModuleImportsWhatItsEntryDoesNotName() throws {
    let declared = try SourceTree.declaredModules()
    let own = Self.systemModules.union(Self.modules)
    for module in declared {
      let used = Self.sources.filter { $0.module == module.name }.reduce(into: Set<String>()) {
        $0.formUnion($1.imports)
      }
      let unnamed = used.intersection(own).subtracting(module.imports).subtracting([module.name])
      #expect(unnamed.isEmpty, "\(module.name) imports \(unnamed.sorted()) without naming it in Package.swift")
    }
  }
}
