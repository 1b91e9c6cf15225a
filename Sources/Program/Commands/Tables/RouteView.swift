import ControlAPI

/// One route, as shown by `pvescout routes ALIAS`.
enum RouteView {
  static func render(_ route: RouteJSON, served: ServedAddresses? = nil, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("alias", route.alias)
    fields.add("key", route.key == route.alias ? nil : route.key)
    fields.add("provider", route.provider)
    fields.add("pool", route.pool)
    fields.add("excluded", route.excludedReason, color: .yellow)
    fields.add("not served", route.restricted, color: .yellow)
    fields.add("scheme", route.scheme)
    fields.add("listen", route.listen)
    fields.add("no port", route.listenError, color: .red)
    fields.add("url", served?.url(of: route))
    fields.add("target", route.target ?? "-")
    fields.add(route.link)
    fields.add("health", HealthText.cell(route.health))
    fields.add("detail", route.health.status == "healthy" ? route.health.detail : nil)
    fields.add("up", HealthTable.uptime(route.health.uptimeMilliseconds))
    return fields.rendered(style)
  }
}
