// swift-tools-version: 6.2
import PackageDescription

/// One module of the package, and what it may import.
struct Module {
  var name: String
  var imports: [String] = []
  var products: [Target.Dependency] = []

  var dependencies: [Target.Dependency] { imports.map { .init(stringLiteral: $0) } + products }
}

/// The modules that parse what peers and files contain: in them, each unsafe expression is marked as such.
let memorySafe: Set = [
  "AgentConfiguration", "HTTPMessages", "JSONDocument", "ProxmoxAPI", "ProxmoxDiscovery", "ReverseProxy",
  "RouteProviders", "YAMLDocument",
]

/// A folder below `Sources/`. A module imports from its own layer or a lower one; its tests are in the folder of the
/// same name below `Tests/`.
struct Layer {
  var name: String
  var modules: [Module]
}

// Outside products by the name that the graph below uses.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// The import graph, lowest layer first; every import points up this list.
let layers: [Layer] = [
  // What knows nothing of routes or Proxmox.
  Layer(
    name: "System",
    modules: [
      Module(name: "LinuxSystem", imports: ["CLinux"]),
      Module(name: "PrintableText"),
      Module(name: "JSONDocument", imports: ["PrintableText"]),
      Module(name: "StateFiles", imports: ["LinuxSystem", "JSONDocument"], products: [logging]),
      Module(name: "NameResolution", imports: ["LinuxSystem", "CLinux"]),
      Module(name: "PeerTrust"),
      Module(
        name: "HTTPTransport",
        imports: ["LinuxSystem", "NameResolution", "PeerTrust", "PrintableText", "CCurl", "COpenSSL"]),
    ]),
  // The vocabulary that the layers share: values only.
  Layer(
    name: "Model",
    modules: [
      Module(name: "RouteModel", imports: ["PrintableText", "PeerTrust"])
    ]),
  // What knows Proxmox VE.
  Layer(
    name: "Proxmox",
    modules: [
      Module(name: "ProxmoxAPI", imports: ["JSONDocument", "PrintableText", "PeerTrust", "HTTPTransport"]),
      Module(name: "ProxmoxInventory", imports: ["PeerTrust", "RouteModel"]),
      Module(
        name: "ProxmoxDiscovery",
        imports: [
          "LinuxSystem", "PeerTrust", "RouteModel", "JSONDocument", "StateFiles", "HTTPTransport", "ProxmoxAPI",
          "ProxmoxInventory",
        ],
        products: [lifecycle, logging]),
      Module(
        name: "GuestControl", imports: ["RouteModel", "StateFiles", "ProxmoxAPI", "ProxmoxInventory"],
        products: [lifecycle, logging]),
      Module(
        name: "Diagnosis",
        imports: [
          "LinuxSystem", "PeerTrust", "RouteModel", "JSONDocument", "HTTPTransport", "ProxmoxAPI", "ProxmoxInventory",
          "ProxmoxDiscovery",
        ]),
      Module(name: "PVESimulator", imports: ["COpenSSL"], products: [nioCore, nioPosix, nioHTTP1, nioSSL]),
    ]),
  // What routes are, where they come from, where they lead, and how they are.
  Layer(
    name: "Routes",
    modules: [
      Module(name: "YAMLDocument", imports: ["LinuxSystem", "PrintableText"], products: [yams]),
      Module(
        name: "RouteProviders", imports: ["LinuxSystem", "PeerTrust", "RouteModel", "YAMLDocument"],
        products: [lifecycle, logging]),
      Module(name: "RouteValidation", imports: ["PeerTrust", "RouteModel", "ProxmoxInventory"]),
      Module(name: "RouteRegistry", imports: ["JSONDocument", "RouteModel"], products: [logging]),
      Module(
        name: "HealthMonitoring",
        imports: ["LinuxSystem", "PeerTrust", "RouteModel", "PrintableText", "HTTPTransport", "StateFiles"],
        products: [lifecycle, logging]),
      Module(
        name: "Notifications",
        imports: [
          "LinuxSystem", "PeerTrust", "RouteModel", "JSONDocument", "PrintableText", "HTTPTransport", "StateFiles",
        ],
        products: [lifecycle, logging]),
      Module(
        name: "Reconciliation",
        imports: [
          "PeerTrust", "RouteModel", "RouteProviders", "ProxmoxInventory", "GuestControl", "RouteValidation",
          "RouteRegistry", "HealthMonitoring", "JSONDocument", "StateFiles",
        ],
        products: [lifecycle, logging]),
    ]),
  // What moves users' bytes.
  Layer(
    name: "Serving",
    modules: [
      Module(
        name: "ServerSockets", imports: ["LinuxSystem", "NameResolution"], products: [logging, nioCore, nioPosix]),
      Module(name: "HTTPMessages", products: [nioCore]),
      Module(name: "FileServing", imports: ["CLinux", "LinuxSystem", "PrintableText"]),
      Module(
        name: "ProxyTLS", imports: ["LinuxSystem", "COpenSSL", "PeerTrust", "RouteModel", "HTTPTransport"],
        products: [logging, nioCore, nioSSL, nioTLS]),
      Module(
        name: "ProxyTraffic", imports: ["LinuxSystem", "PrintableText", "RouteModel", "RouteRegistry"],
        products: [lifecycle, logging]),
      Module(name: "WakeOnDemand", imports: ["RouteModel"], products: [nioCore]),
      Module(
        name: "StreamProxy",
        imports: [
          "LinuxSystem", "NameResolution", "RouteModel", "RouteRegistry", "ProxyTLS", "ProxyTraffic", "ServerSockets",
          "WakeOnDemand",
        ],
        products: [lifecycle, logging, nioCore, nioPosix, nioSSL, nioTLS]),
      Module(
        name: "ReverseProxy",
        imports: [
          "NameResolution", "JSONDocument", "PrintableText", "RouteModel", "RouteRegistry", "HTTPTransport",
          "HTTPMessages", "FileServing", "ProxyTLS",
          "ProxyTraffic", "ServerSockets", "StreamProxy", "WakeOnDemand",
        ],
        products: [lifecycle, logging, nioCore, nioPosix, nioSSL, nioTLS]),
    ]),
  // The socket and its client.
  Layer(
    name: "Control",
    modules: [
      Module(name: "ControlAPI", imports: ["JSONDocument", "PrintableText"]),
      Module(
        name: "ControlServer",
        imports: [
          "LinuxSystem", "ControlAPI", "JSONDocument", "PrintableText", "RouteModel", "ProxmoxInventory",
          "GuestControl", "RouteValidation", "RouteRegistry", "Reconciliation", "Notifications", "HTTPMessages",
          "ProxyTraffic", "ServerSockets",
        ],
        products: [lifecycle, logging, nioCore, nioPosix]),
      Module(name: "ControlClient", imports: ["LinuxSystem", "PrintableText", "ControlAPI", "HTTPTransport"]),
    ]),
  // Composition and entry points.
  Layer(
    name: "Program",
    modules: [
      Module(
        name: "AgentConfiguration",
        imports: [
          "LinuxSystem", "YAMLDocument", "PeerTrust", "RouteModel", "HTTPTransport", "ProxmoxAPI", "ProxmoxDiscovery",
          "RouteProviders", "HealthMonitoring", "Notifications", "ControlServer", "HTTPMessages", "ProxyTLS",
          "ProxyTraffic",
          "StreamProxy",
          "ReverseProxy",
        ]),
      Module(
        name: "AgentRuntime",
        imports: [
          "CLinux", "LinuxSystem", "NameResolution", "PeerTrust", "AgentConfiguration", "RouteModel", "HTTPTransport",
          "ProxmoxAPI", "ProxmoxInventory",
          "ProxmoxDiscovery", "GuestControl", "Diagnosis", "RouteProviders", "RouteValidation", "RouteRegistry",
          "HealthMonitoring",
          "Notifications", "Reconciliation", "ControlServer", "ProxyTLS", "ProxyTraffic", "ServerSockets",
          "StreamProxy", "ReverseProxy", "WakeOnDemand",
        ],
        products: [lifecycle, logging, nioCore, nioPosix, unixSignals]),
      Module(
        name: "Commands",
        imports: [
          "LinuxSystem", "JSONDocument", "PrintableText", "PeerTrust", "RouteModel", "HTTPTransport", "ProxmoxAPI",
          "ProxmoxInventory", "ProxmoxDiscovery", "Diagnosis",
          "ControlAPI",
          "ControlClient",
          "ServerSockets", "AgentConfiguration", "AgentRuntime", "PVESimulator",
        ],
        products: [argumentParser, lifecycle, logging, unixSignals, nioCore, nioPosix, nioHTTP1]),
    ]),
]

/// `pvescout-bench`: the benchmark imports what it measures.
let benchmarks = Module(
  name: "Benchmarks",
  imports: [
    "CAllocationCount", "CLinux", "PeerTrust", "RouteModel", "HTTPTransport", "ProxmoxAPI", "ProxmoxInventory",
    "ProxmoxDiscovery", "GuestControl", "RouteValidation", "RouteRegistry", "HealthMonitoring", "ProxyTraffic",
    "ReverseProxy", "RouteProviders", "Reconciliation", "Notifications", "ServerSockets", "ControlServer",
    "PVESimulator",
  ],
  products: [argumentParser, logging])

// A suite per module; what several suites need is in `TestSupport`.
let testLayers: [Layer] = [
  Layer(
    name: "System",
    modules: [
      Module(name: "JSONDocumentTests", imports: ["JSONDocument"]),
      Module(name: "PrintableTextTests", imports: ["PrintableText"]),
      Module(name: "StateFilesTests", imports: ["StateFiles", "JSONDocument", "TestSupport"]),
      Module(name: "LinuxSystemTests", imports: ["LinuxSystem", "TestSupport"]),
      Module(name: "NameResolutionTests", imports: ["NameResolution", "TestSupport"]),
      Module(name: "PeerTrustTests", imports: ["PeerTrust"]),
      Module(
        name: "HTTPTransportTests",
        imports: ["HTTPTransport", "LinuxSystem", "NameResolution", "PeerTrust", "TestSupport"]),
    ]),
  Layer(
    name: "Model",
    modules: [
      Module(name: "RouteModelTests", imports: ["RouteModel"])
    ]),
  Layer(
    name: "Proxmox",
    modules: [
      Module(
        name: "ProxmoxAPITests",
        imports: ["ProxmoxAPI", "JSONDocument", "PeerTrust", "HTTPTransport", "PVESimulator", "TestSupport"]),
      Module(name: "ProxmoxInventoryTests", imports: ["ProxmoxInventory", "RouteModel"]),
      Module(
        name: "ProxmoxDiscoveryTests",
        imports: [
          "ProxmoxDiscovery", "ProxmoxAPI", "ProxmoxInventory", "JSONDocument", "PeerTrust", "HTTPTransport",
          "RouteModel",
          "PVESimulator", "TestSupport",
        ], products: [lifecycle, logging]),
      Module(
        name: "GuestControlTests",
        imports: [
          "GuestControl", "ProxmoxAPI", "ProxmoxInventory", "PeerTrust", "HTTPTransport", "RouteModel", "PVESimulator",
          "TestSupport",
        ], products: [lifecycle, logging]),
      Module(
        name: "DiagnosisTests",
        imports: [
          "Diagnosis", "ProxmoxAPI", "ProxmoxInventory", "ProxmoxDiscovery", "PeerTrust", "HTTPTransport",
          "RouteModel", "TestSupport",
        ]),
      Module(name: "PVESimulatorTests", imports: ["PVESimulator", "PeerTrust", "HTTPTransport", "TestSupport"]),
    ]),
  Layer(
    name: "Routes",
    modules: [
      Module(name: "YAMLDocumentTests", imports: ["YAMLDocument"]),
      Module(
        name: "RouteProvidersTests", imports: ["RouteProviders", "PeerTrust", "RouteModel", "TestSupport"],
        products: [lifecycle, logging]),
      Module(
        name: "RouteValidationTests", imports: ["RouteValidation", "ProxmoxInventory", "PeerTrust", "RouteModel"]),
      Module(
        name: "RouteRegistryTests",
        imports: ["RouteRegistry", "JSONDocument", "PeerTrust", "RouteModel", "TestSupport"],
        products: [logging]),
      Module(
        name: "HealthMonitoringTests",
        imports: [
          "HealthMonitoring", "JSONDocument", "PeerTrust", "HTTPTransport", "NameResolution", "RouteModel",
          "StateFiles",
          "TestSupport",
        ],
        products: [lifecycle, logging]),
      Module(
        name: "NotificationsTests",
        imports: ["Notifications", "HTTPTransport", "RouteModel", "StateFiles", "TestSupport"],
        products: [lifecycle, logging]),
      Module(
        name: "ReconciliationTests",
        imports: [
          "Reconciliation", "RouteProviders", "ProxmoxInventory", "RouteValidation", "RouteRegistry",
          "HealthMonitoring",
          "HTTPTransport", "PeerTrust", "RouteModel", "TestSupport",
        ], products: [lifecycle, logging]),
    ]),
  Layer(
    name: "Serving",
    modules: [
      Module(name: "HTTPMessagesTests", imports: ["HTTPMessages"], products: [nioCore]),
      Module(name: "FileServingTests", imports: ["FileServing", "TestSupport"]),
      Module(
        name: "ProxyTLSTests", imports: ["ProxyTLS", "PeerTrust", "HTTPTransport", "TestSupport"],
        products: [logging, nioCore, nioPosix, nioSSL, nioTLS]),
      Module(
        name: "ProxyTrafficTests",
        imports: ["ProxyTraffic", "PeerTrust", "RouteModel", "RouteRegistry", "TestSupport"],
        products: [lifecycle, logging]),
      Module(
        name: "StreamProxyTests",
        imports: [
          "StreamProxy", "LinuxSystem", "NameResolution", "ProxyTraffic", "PeerTrust", "RouteModel", "RouteRegistry",
          "ServerSockets", "WakeOnDemand", "TestSupport",
        ],
        products: [lifecycle, logging, nioCore, nioPosix, nioSSL]),
      Module(
        name: "ReverseProxyTests",
        imports: [
          "ReverseProxy", "FileServing", "HTTPMessages", "HTTPTransport", "NameResolution", "ProxyTLS", "ProxyTraffic",
          "PeerTrust", "RouteModel",
          "RouteRegistry", "ServerSockets", "StreamProxy", "WakeOnDemand", "TestSupport",
        ],
        products: [lifecycle, logging, nioCore, nioEmbedded, nioHPACK, nioHTTP2, nioPosix, nioSSL]),
    ]),
  Layer(
    name: "Control",
    modules: [
      Module(
        name: "ControlServerTests",
        imports: [
          "ControlServer", "ControlClient", "ControlAPI", "HTTPTransport", "PeerTrust", "RouteModel",
          "ProxmoxInventory",
          "GuestControl", "Notifications", "RouteRegistry", "Reconciliation", "ServerSockets", "ProxyTraffic",
          "TestSupport",
        ], products: [lifecycle, logging, nioCore, nioPosix])
    ]),
  Layer(
    name: "Program",
    modules: [
      Module(
        name: "AgentConfigurationTests",
        imports: [
          "AgentConfiguration", "ControlServer", "HTTPMessages", "PeerTrust", "HTTPTransport", "Notifications",
          "ProxmoxAPI",
          "ProxmoxDiscovery", "ProxyTLS", "ProxyTraffic", "ReverseProxy", "RouteProviders", "RouteModel", "StreamProxy",
          "TestSupport", "YAMLDocument",
        ]),
      Module(
        name: "AgentRuntimeTests",
        imports: [
          "AgentConfiguration", "AgentRuntime", "GuestControl", "HTTPTransport", "HealthMonitoring", "ReverseProxy",
          "PeerTrust", "ProxmoxInventory", "RouteModel", "RouteRegistry", "ServerSockets", "TestSupport",
          "WakeOnDemand",
        ],
        products: [logging]),
      Module(
        name: "CommandsTests",
        imports: [
          "Commands", "ControlAPI", "Diagnosis", "PeerTrust", "HTTPTransport", "LinuxSystem", "ProxmoxAPI",
          "PVESimulator",
          "RouteModel",
          "RouteProviders", "TestSupport",
        ]),
      Module(name: "ArchitectureTests"),
      // The real program: fakepve over HTTPS, real upstreams, the real socket.
      Module(
        name: "EndToEndTests", imports: ["HTTPTransport", "PeerTrust", "PVESimulator", "TestSupport"],
        products: [nioCore, nioPosix]),
    ]),
]

let targetsInC: [Target] = [
  .target(name: "CCurl", path: "Sources/System/CCurl", linkerSettings: [.linkedLibrary("curl")]),
  .target(
    name: "COpenSSL", path: "Sources/System/COpenSSL",
    linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
  .target(name: "CLinux", path: "Sources/System/CLinux"),
  // Replaces malloc in whatever links it: the benchmark alone.
  .target(name: "CAllocationCount", path: "Sources/System/CAllocationCount"),
  // A library that tests have the program load.
  .target(name: "ScarceFiles", path: "Tests/ScarceFiles"),
]

var targetsInSwift: [Target] = [
  .executableTarget(
    name: "pvescout", dependencies: ["Commands", "NameResolution", argumentParser], path: "Sources/Program/pvescout"),
  .executableTarget(
    name: benchmarks.name, dependencies: benchmarks.dependencies, path: "Sources/Program/\(benchmarks.name)"),
  .target(
    name: "TestSupport",
    dependencies: ["HTTPTransport", "NameResolution", "PeerTrust", logging, nioCore, nioPosix, nioHTTP1, nioSSL],
    path: "Tests/TestSupport"),
]
// Only a release build with its sanitizer can link it: Tests/fuzz.sh.
if Context.environment["FUZZ"] != nil {
  targetsInSwift.append(
    .executableTarget(
      name: "Fuzzer",
      dependencies: [
        "HTTPMessages", "JSONDocument", "PrintableText", "ProxmoxAPI", "ProxmoxDiscovery", "ProxmoxInventory",
        "RouteModel", "YAMLDocument", nioCore,
      ], path: "Tests/Fuzzer"))
}
for layer in layers {
  for module in layer.modules {
    targetsInSwift.append(
      .target(name: module.name, dependencies: module.dependencies, path: "Sources/\(layer.name)/\(module.name)"))
  }
}
// The suites to build; all if it is not set. A build with a sanitizer takes long: Tests/sanitize.sh.
let suites = Context.environment["SUITES"].map { $0.split(separator: ",").map(String.init) }
for layer in testLayers {
  for suite in layer.modules where suites?.contains(suite.name) ?? true {
    targetsInSwift.append(
      .testTarget(name: suite.name, dependencies: suite.dependencies, path: "Tests/\(layer.name)/\(suite.name)"))
  }
}
for target in targetsInSwift {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
  if memorySafe.contains(target.name) { target.swiftSettings?.append(.strictMemorySafety()) }
}

let package = Package(
  name: "pvescout",
  products: [
    .executable(name: "pvescout", targets: ["pvescout"]),
    .executable(name: "pvescout-bench", targets: ["Benchmarks"]),
    .library(name: "ScarceFiles", type: .dynamic, targets: ["ScarceFiles"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: targetsInC + targetsInSwift,
  swiftLanguageModes: [.v6]
)
