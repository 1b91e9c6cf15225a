/// How different two texts are.
package enum EditDistance {
  /// The number of bytes to insert, delete or replace (Levenshtein); two swapped neighbours count as one.
  package static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var (beforePrevious, previous) = ([Int](), Array(0...right.count))
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforePrevious[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
