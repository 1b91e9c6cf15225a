import ControlAPI

/// How much a route's health wants to be looked at: what is first stands on top.
enum HealthRank: Int, Comparable, CaseIterable {
  /// Down.
  case trouble
  /// Up, but not to be relied on.
  case restless
  /// Nobody knows.
  case open
  case fine
  /// Nobody is to look.
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

  /// The status in a word; of one that nobody is to look at, that.
  var word: String { HealthRank(self) == .disabled ? "disabled" : status }

  /// What there is to say of a route beside its numbers and its status; nil where all is well.
  var note: String? {
    guard HealthRank(self) != .disabled else { return nil }
    // That it flaps stands in the detail, with how much.
    if isFlapping { return detail }
    if status != "healthy" { return cause ?? detail }
    guard certificateEndsSoon, let certificateDaysLeft else { return nil }
    return "certificate: \(HealthText.certificate(daysLeft: certificateDaysLeft))"
  }
}
