/// Takes a value so that the optimiser cannot leave out what made it.
@inline(never)
@_optimize(none)
func blackHole(_ value: borrowing some Any) {}
