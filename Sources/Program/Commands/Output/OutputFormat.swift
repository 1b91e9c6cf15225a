import ArgumentParser

/// `-o`: a table for people, or the socket's answer unchanged.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable { case table, json }
