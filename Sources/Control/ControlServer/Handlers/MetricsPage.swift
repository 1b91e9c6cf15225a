import PrintableText

/// A page in the text format of Prometheus, version 0.0.4, written sample by sample.
struct MetricsPage: BodyText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String { case gauge, counter, histogram }

  private(set) var bytes: [UInt8] = []
  private var name: [UInt8] = []
  /// The metric's HELP and TYPE lines, until its first sample: a metric without samples is left out.
  private var introduction = ""
  private var hasLabel = false

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Begins a metric; the samples that follow belong to it. Its name contains the unit, and ends in `_total` for a
  /// counter.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    self.name = Array(name.utf8)
    introduction = "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Begins a sample; more labels may follow, and its value ends it.
  ///
  /// - Parameter suffix: of a part of a histogram.
  mutating func sample(_ labels: MetricLabels, and more: MetricLabels? = nil, suffix: String = "") {
    if !introduction.isEmpty {
      bytes += introduction.utf8
      introduction = ""
    }
    let (name, known) = (name, labels.bytes)
    bytes.append(addingCapacity: name.count + suffix.utf8.count + known.count) { line in
      line.append(name.span)
      line.append(suffix.utf8.span)
      line.append(known.span)
    }
    hasLabel = !known.isEmpty
    guard let more, !more.bytes.isEmpty else { return }
    bytes.append(hasLabel ? UInt8(ascii: ",") : UInt8(ascii: "{"))
    bytes += more.bytes[1...]
    hasLabel = true
  }

  mutating func label(_ name: String, _ value: String) {
    bytes.append(hasLabel ? UInt8(ascii: ",") : UInt8(ascii: "{"))
    hasLabel = true
    MetricLabels.write(name, value, to: &bytes)
  }

  mutating func value(_ value: Int) {
    endLabels()
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(decimal: UInt64(value.magnitude))
    bytes.append(UInt8(ascii: "\n"))
  }

  mutating func value(_ value: Double) {
    if let whole = Int(exactly: value) { return self.value(whole) }
    endLabels()
    bytes += "\(value)\n".utf8
  }

  /// In seconds, to the microsecond.
  mutating func value(_ duration: Duration) {
    value(microseconds: Int64(clamping: duration.attoseconds / 1_000_000_000_000))
  }

  /// In seconds.
  mutating func value(microseconds: Int64) {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    guard rest > 0 else { return value(Int(seconds)) }
    endLabels()
    bytes.append(decimal: UInt64(seconds))
    bytes.append(UInt8(ascii: "."))
    bytes.append(decimal: Int(rest), digits: 6)
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func endLabels() {
    if hasLabel { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: " "))
  }
}
