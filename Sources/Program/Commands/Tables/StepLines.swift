import ControlAPI

/// The steps of a decision, one per line.
enum StepLines {
  static func render(_ steps: [LinkStepJSON], style: TableStyle) -> String {
    var table = TextTable([.init(title: "STEP"), .init(title: "OUTCOME"), .init(title: "DETAIL", cutRank: 1)])
    for step in steps {
      table.rows.append([.init(step.step), .init(step.outcome, color: color(step.outcome)), .init(step.detail)])
    }
    // The details are the purpose of this view: they are never cut.
    return table.rendered(TableStyle(width: nil, usesColor: style.usesColor))
  }

  private static func color(_ outcome: String) -> TextColor? {
    switch outcome {
    case "matched", "chosen": .green
    case "ambiguous": .yellow
    case "failed": .red
    case "missed", "skipped": .dim
    default: nil
    }
  }
}
