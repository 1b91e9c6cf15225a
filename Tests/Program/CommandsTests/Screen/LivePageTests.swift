import Testing

@testable import Commands

@Suite struct LivePageTests {
  private func page(_ count: Int) -> LivePage {
    LivePage(head: ["HEAD"], body: (0..<count).map { "line \($0)" }, width: 79, usesColor: false)
  }

  @Test func showsAllThatFits() {
    #expect(page(3).lines(height: 4) == ["HEAD", "line 0", "line 1", "line 2"])
    #expect(page(3).lines(height: 1) == ["HEAD"])
    #expect(page(0).lines(height: 0).isEmpty)
  }

  @Test func keepsTheHeadWhileTheBodyScrolls() {
    let foot = { (range: String) in "lines \(range) of 9; arrow and page keys scroll, q quits" }
    #expect(page(9).lines(height: 4) == ["HEAD", "line 0", "line 1", foot("1-2")])
    #expect(page(9).lines(height: 4, from: 7) == ["HEAD", "line 7", "line 8", foot("8-9")])
  }

  @Test(arguments: [
    ([Key.down, .down, .up], 1), ([.up], 0), ([.pageDown], 4), ([.pageDown, .pageUp], 0), ([.end], 15),
    ([.end, .down], 15), ([.end, .home], 0), ([.pageDown, .pageDown, .pageDown, .pageDown], 15),
  ])
  func movesWithinTheBody(_ keys: [Key], _ top: Int) {
    var position = ScrollPosition()
    for key in keys { position.move(key, lines: 20, room: 5) }
    #expect(position.top == top)
  }

  @Test func followsAListThatBecomesShorter() {
    var position = ScrollPosition()
    position.move(.end, lines: 20, room: 5)
    position.keepWithin(lines: 8, room: 5)
    #expect(position.top == 3)
    position.keepWithin(lines: 2, room: 5)
    #expect(position.top == 0)
  }
}
