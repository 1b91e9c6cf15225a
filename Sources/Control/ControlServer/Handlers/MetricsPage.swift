import PrintableText

/// A page in the text format of Prometheus, version 0.0.4, written sample by sample.
struct MetricsPage: BodyText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String { case gauge, counter, histogram }

  private(set) var bytes: [UInt8] = []
  var count: Int { bytes.count }
  /// A literal, whose references are not counted.
  private var name = ""
  /// The metric's HELP and TYPE lines, until its first sample: a metric without samples is left out.
  private var introduction = ""
  private var hasLabel = false

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Begins a metric; the samples that follow belong to it. Its name contains the unit, and ends in `_total` for a
  /// counter.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    introduction = "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample without further labels.
  mutating func add(_ value: Int, _ labels: MetricLabels) { add(labels) { $0.append(value) } }

  /// As ``add(_:_:)``, in seconds.
  mutating func add(microseconds: Int64, _ labels: MetricLabels) {
    add(labels) { $0.append(microseconds: microseconds) }
  }

  /// In one step, because most lines are such samples.
  private mutating func add(_ labels: MetricLabels, _ value: (inout OutputSpan<UInt8>) -> Void) {
    introduce()
    let name = name
    let (start, labels) = (name.utf8.span, labels.bytes.span)
    bytes.append(addingCapacity: start.count + labels.count + Self.longestEnd) { line in
      line.append(start)
      line.append(labels)
      Self.end(&line, hasLabel: !labels.isEmpty, value)
    }
  }

  private mutating func introduce() {
    guard !introduction.isEmpty else { return }
    bytes += introduction.utf8
    introduction = ""
  }

  /// Begins a sample; more labels may follow, and its value ends it.
  ///
  /// - Parameter suffix: of a part of a histogram.
  mutating func sample(_ labels: MetricLabels, suffix: String = "") {
    introduce()
    let name = name
    let (start, suffix, labels) = (name.utf8.span, suffix.utf8.span, labels.bytes.span)
    bytes.append(addingCapacity: start.count + suffix.count + labels.count) { line in
      line.append(start)
      line.append(suffix)
      line.append(labels)
    }
    hasLabel = !labels.isEmpty
  }

  mutating func label(_ name: String, _ value: String) {
    bytes.append(hasLabel ? UInt8(ascii: ",") : UInt8(ascii: "{"))
    hasLabel = true
    MetricLabels.write(name, value, to: &bytes)
  }

  mutating func value(_ value: Int) { end { $0.append(value) } }

  mutating func value(_ value: Double) {
    if let whole = Int(exactly: value) { return self.value(whole) }
    end { $0.append("\(value)".utf8.span) }
  }

  /// In seconds, to the microsecond.
  mutating func value(_ duration: Duration) {
    end { $0.append(microseconds: Int64(clamping: duration.attoseconds / 1_000_000_000_000)) }
  }

  /// The greatest length of the end of a line: a brace, a blank, a number and a line feed.
  private static let longestEnd = 35

  private mutating func end(_ value: (inout OutputSpan<UInt8>) -> Void) {
    let hasLabel = hasLabel
    bytes.append(addingCapacity: Self.longestEnd) { Self.end(&$0, hasLabel: hasLabel, value) }
  }

  private static func end(
    _ line: inout OutputSpan<UInt8>, hasLabel: Bool, _ value: (inout OutputSpan<UInt8>) -> Void
  ) {
    if hasLabel { line.append(UInt8(ascii: "}")) }
    line.append(UInt8(ascii: " "))
    value(&line)
    line.append(UInt8(ascii: "\n"))
  }
}

extension OutputSpan<UInt8> {
  fileprivate mutating func append(_ value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    append(decimal: UInt64(value.magnitude))
  }

  /// In seconds.
  fileprivate mutating func append(microseconds: Int64) {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    append(Int(seconds))
    guard rest > 0 else { return }
    append(UInt8(ascii: "."))
    append(decimal: UInt64(rest), digits: 6)
  }
}
