/// A small honest PVE cluster over HTTPS on loopback, for `demo`, tests and benchmarks.
package final class PVESimulator: Sendable {
  package init() {}
}
