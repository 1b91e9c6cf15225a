import Foundation
import TestSupport
import Testing

@testable import Commands

/// Patches to files that are left as they are.
@Suite(.timeLimit(.minutes(2))) struct AdditionTests {
  private static let entry = ["  - name: new", "    endpoints:"]

  @Test(arguments: [
    (
      "proxmox:\n  - name: old\n    control: true\nlog: {}\n",
      "proxmox:\n  - name: new\n    endpoints:\n  - name: old\n"
    ),
    ("# mine\nproxmox: # all\n- name: old\n", "# mine\nproxmox: # all\n- name: new\n  endpoints:\n- name: old\n"),
    ("log: {level: info}\n", "proxmox:\n  - name: new\n    endpoints:\nlog: {level: info}\n"),
    ("", "proxmox:\n  - name: new\n    endpoints:\n"),
  ])
  func patchAddsTheEntry(text: String, expected: String) async throws {
    let patched = try await patch(text) { Addition(of: Self.entry, toConfiguration: text, at: $0) }
    #expect(patched.hasPrefix(expected), "\(patched)")
  }

  @Test(arguments: ["a: {port: 1}\n", "# nothing\n", ""])
  func patchAppendsRoutes(text: String) async throws {
    let patched = try await patch(text) { Addition(of: ["b: {port: 2}"], toRoutes: text, at: $0) }
    #expect(patched == text + "b: {port: 2}\n")
  }

  /// As `patch` does it.
  private func patch(_ text: String, _ addition: (String) -> Addition) async throws -> String {
    let folder = try TemporaryDirectory()
    let path = try folder.write(text, to: "file.yml")
    let diff = try folder.write(addition(path).diff + "\n", to: "diff")
    let ran = try await Program.run("/usr/bin/env", ["patch", "-p0", "--unified", path, diff])
    #expect(ran.status == .code(0), "\(ran)")
    return try String(contentsOfFile: path, encoding: .utf8)
  }
}
