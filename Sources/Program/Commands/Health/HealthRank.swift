import ControlAPI

/// The order of routes by urgency, the most urgent first.
enum HealthRank: Int, Comparable, CaseIterable {
  /// Down.
  case trouble
  /// Up, but not reliably.
  case restless
  /// Not known yet.
  case open
  case fine
  /// Not checked, as configured.
  case disabled

  init(status: String, detail: String) {
    switch status {
    case "unhealthy", "error": self = .trouble
    case "starting": self = .restless
    case "healthy", "napping": self = .fine
    default: self = detail == "disabled" ? .disabled : .open
    }
  }

  init(_ health: HealthDetail) {
    self.init(status: health.status, detail: health.detail)
    if self == .fine, health.isFlapping || health.certificateEndsSoon { self = .restless }
  }

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  var color: TextColor? {
    switch self {
    case .trouble: .red
    case .restless: .yellow
    case .open, .disabled: .dim
    case .fine: nil
    }
  }
}

extension HealthDetail {
  fileprivate var certificateEndsSoon: Bool { certificateDaysLeft.flatMap(HealthText.certificateColor) != nil }

  /// The status as one word; `disabled` for a route that is not checked.
  var word: String { HealthRank(self) == .disabled ? "disabled" : status }

  /// A note in addition to the numbers and the status; nil if nothing is wrong.
  var note: String? {
    guard HealthRank(self) != .disabled else { return nil }
    // The detail already says that it flaps, and how much.
    if isFlapping { return detail }
    if status != "healthy" { return cause ?? detail }
    guard certificateEndsSoon, let certificateDaysLeft else { return nil }
    return "certificate: \(HealthText.certificate(daysLeft: certificateDaysLeft))"
  }
}
