/// Keeps the steps of a link in one piece of memory: as a list with a text each they were a third of a route's weight, and
/// nobody reads them until somebody asks why.
@propertyWrapper
package struct PackedSteps: Hashable, Sendable {
  /// For each step its subject, its outcome, the length of its detail in four bytes, and the detail in UTF-8.
  private var bytes: [UInt8] = []

  package init(wrappedValue: [LinkStep]) { self.wrappedValue = wrappedValue }

  package var wrappedValue: [LinkStep] {
    get { unpacked() }
    set {
      bytes = []
      bytes.reserveCapacity(newValue.reduce(0) { $0 + 6 + $1.detail.utf8.count })
      for step in newValue { append(step) }
    }
  }

  /// To compare without unpacking.
  package var projectedValue: PackedSteps { self }

  private mutating func append(_ step: LinkStep) {
    bytes.append(step.subject.rawValue)
    bytes.append(step.outcome.rawValue)
    let length = UInt32(clamping: step.detail.utf8.count)
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> UInt32(shift))) }
    bytes.append(contentsOf: step.detail.utf8)
  }

  private func unpacked() -> [LinkStep] {
    var steps: [LinkStep] = []
    var rest = bytes[...]
    while let subject = rest.popFirst().flatMap(LinkStep.Subject.init(rawValue:)),
      let outcome = rest.popFirst().flatMap(LinkStep.Outcome.init(rawValue:))
    {
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      let detail = rest.dropFirst(4).prefix(length)
      steps.append(LinkStep(subject, outcome, String(decoding: detail, as: UTF8.self)))
      rest = rest[detail.endIndex...]
    }
    return steps
  }
}
