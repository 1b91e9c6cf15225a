import LinuxSystem

/// Replaces `${NAME}` and `${NAME:-default}` in a scalar after parsing, so that a value may contain anything and
/// remains one value.
///
/// As in a shell, the default also applies to an empty variable. `$${` is a literal `${`.
struct Substitution {
  /// Why a reference cannot be replaced. The text contains names of variables, never values.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let environment: [String: String]

  func apply(to text: String) throws(Failure) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        result += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let end = rest.firstIndex(of: "}") else { throw Failure(description: "'${' has no '}': write ${NAME}") }
        result += try value(of: rest[..<end].dropFirst(2))
        rest = rest[rest.index(after: end)...]
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  private func value(of reference: Substring) throws(Failure) -> String {
    let name = reference.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
    let rest = reference.dropFirst(name.count)
    guard let first = name.first, !first.isNumber, rest.isEmpty || rest.hasPrefix(":-") else {
      throw Failure(description: "'${\(reference.excerpt)}' names no variable: write ${NAME} or ${NAME:-default}")
    }
    let value = environment[String(name)]
    if rest.hasPrefix(":-") {
      return value.flatMap { $0.isEmpty ? nil : $0 } ?? String(rest.dropFirst(2))
    }
    guard let value else { throw Failure(description: "environment variable \(name.excerpt) is not set") }
    return value
  }
}
