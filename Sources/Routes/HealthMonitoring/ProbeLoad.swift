/// What the probes of a monitor came to.
package struct ProbeLoad: Hashable, Sendable {
  package var probes = 0
  /// By how much the latest of them began after it was due.
  package var worstLateness = Duration.zero

  mutating func note(lateness: Duration) {
    probes += 1
    worstLateness = max(worstLateness, lateness)
  }
}
