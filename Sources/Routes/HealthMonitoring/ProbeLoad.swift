/// Statistics of a monitor's probes.
package struct ProbeLoad: Hashable, Sendable {
  package var probes = 0
  /// The longest delay between a probe's due time and its start.
  package var worstLateness = Duration.zero

  mutating func record(lateness: Duration) {
    probes += 1
    worstLateness = max(worstLateness, lateness)
  }
}
