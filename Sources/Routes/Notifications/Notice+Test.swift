import FoundationEssentials
import RouteModel

extension Notice {
  /// A notice of no route, for the entry of that name.
  static func test(of name: String, at date: Date) -> Notice {
    let alias = "pvescout-test"
    return Notice(
      .test,
      Observation(
        id: RouteID(provider: ProviderName("test"), alias: RouteAlias(invalid: alias)), key: alias, status: .unknown,
        previous: .unknown, detail: "a test of '\(name)' by 'pvescout notify test'; no route has changed", since: date),
      isFirst: false)
  }
}
