import JSONDocument
import RouteModel
import RouteRegistry
import Testing

@Suite struct RegisteredRouteTests {
  @Test func keepsHowItIsShownWhileKeyAndListenerStay() throws {
    let route = try makeRoute("ssh", pool: .stream)
    var made = 0
    func show(_ key: RouteKey, _ listener: ListenerState?) {
      _ = route.template(of: key, listener) {
        made += 1
        return JSONTemplate { json, writeGap in writeGap(&json) }
      }
    }
    show("ssh", nil)
    show("ssh", nil)
    #expect(made == 1)
    show("ssh", .listening("127.0.0.1:2222"))
    show("ssh", .listening("127.0.0.1:2222"))
    #expect(made == 2)
    show("stream:file:routes:ssh", .listening("127.0.0.1:2222"))
    #expect(made == 3)
  }

  @Test func keepsItsLabelsWhileItsKeyStays() throws {
    let route = try makeRoute("ssh", pool: .stream)
    #expect(route.metricLabels(of: "ssh") { [1] } == [1])
    #expect(route.metricLabels(of: "ssh") { [2] } == [1])
    #expect(route.metricLabels(of: "stream:file:routes:ssh") { [3] } == [3])
  }
}
