/// A declaration in a box that all copies of a route share: it has dozens of parts whose references a copy would count.
package final class SharedDeclaration: Sendable {
  package let value: RouteDeclaration

  package init(_ value: RouteDeclaration) { self.value = value }
}
