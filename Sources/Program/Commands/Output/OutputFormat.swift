import ArgumentParser

/// `-o`: a table for people, or the socket's answer as it is.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable { case table, json }
