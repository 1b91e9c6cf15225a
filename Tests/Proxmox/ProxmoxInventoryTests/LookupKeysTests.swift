import RouteModel
import Testing

@testable import ProxmoxInventory

@Suite struct LookupKeysTests {
  @Test(
    "A host is a literal exactly if it can be parsed as one",
    arguments: [
      "a", "A", "f", "fe80", "app-1", "beef.example", "dead:", "abcde::1", "[", "[a", "[abc.example", "10.0.0", "x::1",
      "fe80::1", "FE80::1%eth0", "a::", "ab::1/64", "abc::1", "abcd::1", "ABCD:0:0:0:0:0:0:1", "[fd00::1]", "10.0.0.1",
      "10.0.0.1/24", "::ffff:10.0.0.1",
    ])
  func recognisesLiterals(_ text: String) {
    let keys = LookupKeys(host: text.utf8.span, address: nil, alias: text.utf8.span)
    #expect(keys.literal == IPAddress(text))
    #expect(keys.has(.hostname) == (IPAddress(text) == nil))
    #expect(keys.has(.alias) == (IPAddress(text) == nil))
  }
}
