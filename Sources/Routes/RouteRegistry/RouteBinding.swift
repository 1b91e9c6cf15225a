/// A route bound to one thread for the requests that it serves, together with the thread's own data for it.
///
/// Only that thread counts its references. References to the registered route are shared by all threads, and a count
/// that two threads change costs ten times as much.
// Public and open, as are the generics that use it: the compiler neither specialises nor inlines `package` code in
// other modules.
open class RouteBinding {
  public final let registered: RegisteredRoute

  public init(_ registered: RegisteredRoute) { self.registered = registered }
}

/// The bindings of one thread. They are found by identity, so that a lookup touches nothing that other threads write; a
/// route that is bound here keeps its identity.
///
/// A route that changes or leaves the registry is no longer found, and is kept until ``forgetChanged(in:)``.
public struct RouteBindings<Binding: RouteBinding> {
  @usableFromInline
  struct Slot {
    /// 0 if the slot is free.
    @usableFromInline var address: UInt = 0
    @usableFromInline var binding: Binding?
    @usableFromInline init() {}
  }

  /// The size is a power of two, and at most half of the slots are used.
  @usableFromInline var slots: [Slot]
  @usableFromInline var count = 0

  @inlinable
  public init() { slots = Array(repeating: Slot(), count: 16) }

  @inlinable
  public subscript(_ route: RouteIdentity) -> Binding? {
    let index = place(of: route.address)
    return slots[index].binding
  }

  /// The HTTP route for that alias or host, as ``RouteRegistry/httpIdentity(alias:host:)`` finds it; nil if there is
  /// none.
  ///
  /// - Parameter bind: called for a route without a binding.
  @inlinable
  public mutating func http(
    alias: RawSpan, host: RawSpan, in registry: RouteRegistry, bind: (RegisteredRoute) -> Binding
  ) -> Binding? {
    guard let identity = registry.httpIdentity(alias: alias, host: host) else { return nil }
    if let known = self[identity] { return known }
    return registry.getHTTPRouteOrExact(alias: alias, host: host).map { bound($0, bind) }
  }

  /// The active route for that alias, as ``RouteRegistry/identity(alias:)`` finds it; nil if there is none.
  @inlinable
  public mutating func active(
    alias: RawSpan, in registry: RouteRegistry, bind: (RegisteredRoute) -> Binding
  ) -> Binding? {
    guard let identity = registry.identity(alias: alias) else { return nil }
    if let known = self[identity] { return known }
    return registry.get(alias: alias).map { bound($0, bind) }
  }

  public mutating func removeAll() { self = RouteBindings() }

  /// Removes the routes that lookups by their alias no longer find. O(n).
  public mutating func forgetChanged(in registry: RouteRegistry) {
    let bindings = slots.compactMap(\.binding)
    let current = bindings.filter { registry.has($0.registered) }
    guard current.count < bindings.count else { return }
    self = RouteBindings()
    for binding in current { insert(binding) }
  }

  @usableFromInline
  mutating func bound(_ route: RegisteredRoute, _ bind: (RegisteredRoute) -> Binding) -> Binding {
    if let known = self[route.identity] { return known }
    let binding = bind(route)
    insert(binding)
    return binding
  }

  @usableFromInline
  mutating func insert(_ binding: Binding) {
    if (count + 1) * 2 > slots.count {
      let old = slots
      slots = Array(repeating: Slot(), count: 2 * old.count)
      for slot in old where slot.address != 0 { slots[place(of: slot.address)] = slot }
    }
    let address = binding.registered.identity.address
    let index = place(of: address)
    slots[index].address = address
    slots[index].binding = binding
    count += 1
  }

  /// The slot of the route, or the free slot for it.
  @inlinable @inline(__always)
  func place(of address: UInt) -> Int {
    let mask = slots.count &- 1
    // Objects are at least 16 bytes apart; the upper half of the product depends on all other bits.
    var index = Int(truncatingIfNeeded: (UInt64(address) &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while slots[index].address != address, slots[index].address != 0 { index = (index &+ 1) & mask }
    return index
  }
}
