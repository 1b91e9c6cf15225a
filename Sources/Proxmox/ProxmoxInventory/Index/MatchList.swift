/// The nodes or guests that one key matches: none, one, or several. Valid for the snapshot that created it.
package struct MatchList: BitwiseCopyable, Sendable {
  /// 0 for none; the number of the resource plus 1 for one; with the highest bit set, the index of a list.
  let code: UInt32

  private static let listBit: UInt32 = 1 << 31

  package static let none = MatchList(code: 0)
  static func one(_ resource: Int) -> MatchList { MatchList(code: UInt32(resource) + 1) }
  static func list(at place: Int) -> MatchList { MatchList(code: UInt32(place) | listBit) }

  package var isEmpty: Bool { code == 0 }

  /// The number of the only resource.
  var only: Int? { code != 0 && code & Self.listBit == 0 ? Int(code) - 1 : nil }
  /// The index of the list.
  var place: Int? { code & Self.listBit != 0 ? Int(code & ~Self.listBit) : nil }
}

/// The matches of one key in each class.
package struct Matches: BitwiseCopyable, Sendable {
  package var nodes: MatchList
  package var guests: MatchList

  package init(nodes: MatchList = .none, guests: MatchList = .none) { (self.nodes, self.guests) = (nodes, guests) }
}

/// The lists for keys that match more than one resource.
struct MatchLists: Sendable {
  private(set) var lists: [[Int]] = []

  /// Adds a resource to the matches of a key. A resource that is already the last one is not added again, such as a
  /// guest with one address on two interfaces.
  mutating func add(_ resource: Int, to matches: inout MatchList) {
    if let place = matches.place {
      if lists[place].last != resource { lists[place].append(resource) }
    } else if let only = matches.only {
      guard only != resource else { return }
      matches = .list(at: lists.count)
      lists.append([only, resource])
    } else {
      matches = .one(resource)
    }
  }

  /// The same matches without those that `isIncluded` rejects; all of them if none would be left.
  mutating func prefer(_ matches: inout MatchList, where isIncluded: (Int) -> Bool) {
    guard let place = matches.place else { return }
    let preferred = lists[place].filter(isIncluded)
    if preferred.count == 1 { matches = .one(preferred[0]) } else if !preferred.isEmpty { lists[place] = preferred }
  }

  func resources(of matches: MatchList) -> [Int] {
    if let place = matches.place { return lists[place] }
    return matches.only.map { [$0] } ?? []
  }
}
