import RouteModel
import Testing

@Suite struct IPNetworkTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.255.1.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
    ("10.0.0.7/32", "10.0.0.7", true), ("10.0.0.7/32", "10.0.0.6", false), ("0.0.0.0/0", "203.0.113.1", true),
    ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false), ("2001:db8::/64", "2001:db8::ffff", true),
    ("2001:db8::/64", "2001:db8:0:1::1", false), ("2001:db8::40/122", "2001:db8::7f", true),
    ("2001:db8::40/122", "2001:db8::80", false), ("::/0", "fd00::1", true), ("::/0", "10.0.0.1", false),
    ("2001:db8::1/128", "2001:db8::1", true), ("2001:db8::1/128", "2001:db8::2", false),
  ])
  func contains(network: String, address: String, isInside: Bool) throws {
    #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == isInside)
  }

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.7", "192.0.2.7"),
  ])
  func theAssignedPart(of address: String, expected: String) throws {
    #expect("\(try #require(IPAddress(address)).assigned)" == expected)
  }

  @Test(arguments: ["10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "/8", "lan/8", "10.0.0.0/8/8", ""])
  func refuses(text: String) { #expect(IPNetwork(text) == nil) }
}
