import PrintableText
import ProxyTraffic

/// A page in the text format of Prometheus, version 0.0.4: metrics with their samples.
struct MetricsPage {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  typealias Sample = (labels: [(String, String)], value: Double)

  /// One metric; nothing where it has no sample. The unit stands in its name.
  mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) { add(name, "gauge", help, samples) }

  /// A number that only grows, as long as the agent runs; its name ends in `_total`.
  mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) { add(name, "counter", help, samples) }

  /// One histogram for each set of labels.
  mutating func histogram(
    _ name: String, _ help: String, _ samples: [(labels: [(String, String)], value: DurationTotals)]
  ) {
    guard !samples.isEmpty else { return }
    begin(name, "histogram", help)
    for (labels, totals) in samples {
      for bucket in totals.buckets {
        add("\(name)_bucket", labels + [("le", Self.number(bucket.upTo / .seconds(1)))], Double(bucket.count))
      }
      add("\(name)_bucket", labels + [("le", "+Inf")], Double(totals.count))
      add("\(name)_sum", labels, totals.sum / .seconds(1))
      add("\(name)_count", labels, Double(totals.count))
    }
  }

  private mutating func add(_ name: String, _ kind: String, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    begin(name, kind, help)
    for sample in samples { add(name, sample.labels, sample.value) }
  }

  private mutating func begin(_ name: String, _ kind: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }

  private mutating func add(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let labels = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
  }

  private static func escaped(_ label: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in PrintableText.lines(label).unicodeScalars {
      switch scalar {
      case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
      case "\"": text.append(contentsOf: "\\\"".unicodeScalars)
      case "\n": text.append(contentsOf: "\\n".unicodeScalars)
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
