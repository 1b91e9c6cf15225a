import RouteModel
import Testing

@testable import RouteProviders

/// `proxmox.start` and `idlewatcher:`.
@Suite struct WakePolicyTests {
  private static func wake(_ text: String) throws -> WakePolicy? {
    try RouteText.parse("app: {\(text)}").routes.first?.wake
  }

  @Test func statesNothingByItself() throws {
    #expect(try Self.wake("port: 80") == nil)
    #expect(try Self.wake("proxmox: {vmid: 105}") == nil)
    #expect(try Self.wake("proxmox: {vmid: 105, start: never}") == WakePolicy())
  }

  @Test func readsEveryKey() throws {
    let policy = try #require(
      try Self.wake(
        """
        proxmox: {vmid: 105, start: on_request}, idlewatcher: {idle_timeout: 30m, wake_timeout: 5m, stop_timeout: 90s,
        stop_method: kill, start_endpoint: "/wake#now", depends_on: [db, "cache:service_healthy", "x:service_started"],
        no_loading_page: true, idle_cpu: 2.5%, idle_net: 1.5MB/s, keep_external: yes, wake_node: true,
        schedule: ["Mon,Wed 08:00-22:00", "10:00-11:00"], max_starts_per_hour: 3}
        """))
    var expected = WakePolicy()
    (expected.start, expected.idleTimeout) = (.onRequest, .seconds(1800))
    (expected.wakeTimeout, expected.stopTimeout) = (.seconds(300), .seconds(90))
    (expected.stopMethod, expected.startEndpoint, expected.showsPage) = (.kill, "/wake", false)
    expected.dependencies = [
      .init(alias: "db", mustBeHealthy: false), .init(alias: "cache", mustBeHealthy: true),
      .init(alias: "x", mustBeHealthy: false),
    ]
    (expected.idleCPU, expected.idleNetwork) = (0.025, 1_500_000)
    (expected.keepsExternal, expected.wakesNode, expected.maxStartsPerHour) = (true, true, 3)
    expected.schedule = ["Mon,Wed 08:00-22:00", "10:00-11:00"].compactMap(WeeklyHours.init)
    #expect(policy == expected)
    #expect(expected.schedule.count == 2)
  }

  /// GoDoxy stops and starts where only a time is stated.
  @Test func aTimeImpliesAStart() throws {
    #expect(try Self.wake("idlewatcher: {idle_timeout: 1h, proxmox: {vmid: 105}}")?.start == .onRequest)
    #expect(try Self.wake("idlewatcher: {idle_timeout: 1h, proxmox: {vmid: 105, start: never}}")?.start == .never)
    #expect(try Self.wake("idlewatcher: {idle_timeout: -1s}") == WakePolicy())
  }

  @Test func findsTheGuestByTheLookup() throws {
    let route = try RouteText.route("app: {proxmox: {start: on_load}}")
    #expect(route.proxmox == nil && route.statesProxmox && route.wake?.start == .onLoad)
  }

  @Test func takesASingleEntryOfTheSchedule() throws {
    #expect(try Self.wake("idlewatcher: {schedule: 'Sat,Sun 08:00-22:00'}")?.schedule.count == 1)
  }

  @Test func onLoadHasAnEffect() throws {
    #expect(try RouteText.problems("app: {proxmox: {vmid: 105, start: on_load}}").isEmpty)
  }

  static let mistakes: [(String, String)] = [
    (
      "proxmox: {node: pve1, start: on_load}",
      "start is for guests, and this is a node itself: name the guest with 'vmid'"
    ),
    (
      "proxmox: {node: pve1, vmid: 0, start: on_request}",
      "start is for guests, and this is a node itself: name the guest with 'vmid'"
    ),
    (
      "proxmox: {vmid: 105, start: on_load}, idlewatcher: {idle_timeout: 1h}",
      "start: on_load keeps the guest running, and idle_timeout stops it: leave out one of them, or say "
        + "start: on_request"
    ),
    ("idlewatcher: {idle_cpu: 5}", "idle_cpu must be a share of its processors such as 5%, found '5'"),
    ("idlewatcher: {idle_cpu: 101%}", "idle_cpu must be a share of its processors such as 5%, found '101%'"),
    ("idlewatcher: {idle_net: 10}", "idle_net must be bytes a second such as 10KB, found '10'"),
    ("idlewatcher: {idle_net: 1e300GB}", "idle_net must be bytes a second such as 10KB, found '1e300GB'"),
    (
      "idlewatcher: {schedule: [always]}",
      "an entry of schedule must be hours such as 'Mon-Fri 08:00-22:00', found 'always'"
    ),
    (
      "idlewatcher: {depends_on: [\"db:service_completed\"]}",
      "an entry of depends_on must be an alias, or 'alias:service_healthy' or 'alias:service_started', found "
        + "'db:service_completed'"
    ),
  ]

  @Test(arguments: mistakes) func saysWhatIsWrong(_ text: String, _ message: String) throws {
    let messages = try RouteText.parse("app: {\(text)}").routes.first?.problems.map(\.message)
    #expect(messages == [message])
  }
}
