import ControlAPI

/// One route's health, as shown by `pvescout health ALIAS`.
enum HealthView {
  static func render(_ health: HealthDetail, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("route", health.key)
    fields.add("target", health.target ?? "-")
    fields.add(health)
    return fields.rendered(style)
  }
}
