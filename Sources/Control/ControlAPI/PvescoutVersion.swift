/// The version that the agent tells on its socket and `pvescout version` prints.
package enum PvescoutVersion {
  package static let text = "0.1.0"
}
