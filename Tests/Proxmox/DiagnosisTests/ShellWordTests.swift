import Testing

@testable import Diagnosis

@Suite("ShellWord") struct ShellWordTests {
  @Test(
    "Only what a shell could misread is quoted",
    arguments: [
      ("/vms/101", "/vms/101"), ("pvescout@pve", "pvescout@pve"), ("pvescout@pve!agent", "'pvescout@pve!agent'"),
      ("it's", #"'it'\''s'"#), ("", "''"), ("a b", "'a b'"), ("$(reboot)", "'$(reboot)'"), ("ä", "'ä'"),
    ])
  func quotes(text: String, word: String) { #expect(ShellWord.quote(text) == word) }
}
