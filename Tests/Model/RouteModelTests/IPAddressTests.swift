import RouteModel
import Testing

@Suite struct IPAddressTests {
  @Test(
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("192.0.2.1/24", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"),
      ("255.255.255.255", "255.255.255.255"), ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
      ("2001:db8::1/64", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"), ("::", "::"),
      ("::1", "::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
    ])
  func readsLiteralsIntoOneForm(_ text: String, _ canonical: String) {
    #expect(IPAddress(text)?.description == canonical)
  }

  @Test(
    arguments: [
      "", "plex", "10.0.0", "10.0.0.256", "10.0.0.1.1", "010.0.0.1", "10.0.0.1:80", "0x7f.0.0.1", "2130706433", ":",
      ":::",
      "2001:db8::1::2", "2001:db8", "fe80", "[::1", "10.0.0.1/", "10.0.0.1/x", "10.0.0.1/129", "-1.0.0.1", " 10.0.0.1",
      "10.0.0.1 ", "%eth0", "/24",
    ])
  func refusesWhatIsNoLiteral(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(
    arguments: [
      ("169.254.0.1", true), ("169.253.255.255", false), ("fe80::1", true), ("febf::1", true), ("fec0::1", false),
      ("10.0.0.1", false), ("::1", false),
    ])
  func knowsLinkLocalAddresses(_ text: String, _ expected: Bool) {
    #expect(IPAddress(text)?.isLinkLocal == expected)
  }

  @Test(
    arguments: [
      ("127.0.0.1", true, false), ("127.0.0.2", false, false), ("::1", true, false), ("0.0.0.0", false, true),
      ("::", false, true), ("::ffff:127.0.0.1", true, false),
    ])
  func knowsThisMachine(_ text: String, _ isLocalhost: Bool, _ isUnspecified: Bool) {
    #expect(IPAddress(text)?.isLocalhost == isLocalhost)
    #expect(IPAddress(text)?.isUnspecified == isUnspecified)
  }

  @Test(
    arguments: [
      "0.0.0.0", "0.1.2.3", "127.0.0.1", "169.254.3.4", "224.0.0.1", "239.255.255.250", "255.255.255.255", "::", "::1",
      "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:224.0.0.1", "fe80::1", "ff02::1", "ff0e::5",
    ])
  func someAddressesNameNoMachine(_ text: String) {
    #expect(IPAddress(text)?.canNameAMachine == false)
  }

  @Test(
    arguments: [
      ("10.0.0.5", false), ("223.255.255.255", false), ("240.0.0.1", false), ("1.0.0.0", false), ("127.0.0.2", true),
      ("127.255.255.255", true), ("::ffff:127.0.0.2", true), ("128.0.0.1", false), ("fd00::1", false),
      ("2001:db8::1", false), ("1::", false),
    ])
  func othersNameAMachine(_ text: String, _ isLoopback: Bool) {
    #expect(IPAddress(text)?.canNameAMachine == true)
    #expect(IPAddress(text)?.isLoopback == isLoopback)
  }

  @Test func equalAddressesHashAlike() {
    #expect(Set([IPAddress("2001:db8::1"), IPAddress("2001:0DB8::0:1"), IPAddress("[2001:db8::1]")]).count == 1)
  }

  @Test func sortsByFamilyThenNumber() {
    let texts = ["2001:db8::1", "::1", "10.0.0.10", "10.0.0.9", "9.255.255.255"]
    #expect(
      texts.compactMap { IPAddress($0) }.sorted().map(\.description) == [
        "9.255.255.255", "10.0.0.9", "10.0.0.10", "::1", "2001:db8::1",
      ])
  }
}
