/// How an alias is spelled: short ones fit into a `String` itself, long ones do not.
enum KeyForm: String, CaseIterable, Sendable {
  case short, long

  var note: String { "\(rawValue) keys" }

  func key(_ number: Int) -> String {
    let digits = String(number)
    let name = "app-" + String(repeating: "0", count: Swift.max(0, 6 - digits.utf8.count)) + digits
    return self == .short ? name : name + ".bench.local"
  }

  func keys(_ numbers: Range<Int>) -> [String] { numbers.map(key) }
}
