/// The version that the agent's socket reports and `pvescout version` prints.
package enum PvescoutVersion {
  package static let text = "0.1.0"
}
