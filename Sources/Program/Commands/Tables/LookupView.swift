import ControlAPI

/// The result of a lookup and its steps.
enum LookupView {
  static func render(_ answer: LookupAnswer, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add(answer.link)
    let steps = answer.steps.isEmpty ? "" : "\n" + StepLines.render(answer.steps, style: style)
    return fields.rendered(style) + steps
  }
}
