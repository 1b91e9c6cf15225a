/// A route bound to one thread for the requests that it serves, together with the thread's own data for it.
///
/// References to the registered route are shared by all threads, and a count that two threads change costs ten times as
/// much. Those to the binding are ``BindingReference``s, which only its thread counts.
// Public and open, as are the generics that use it: the compiler neither specialises nor inlines `package` code in
// other modules.
open class RouteBinding {
  public final let registered: RegisteredRoute
  /// The object is retained while there are any.
  // Unchecked exclusivity: each access is a single load or store, and the check takes longer than the lookup's hash.
  @exclusivity(unchecked) @usableFromInline final var references = 0

  public init(_ registered: RegisteredRoute) { self.registered = registered }
}

/// A reference to a binding that keeps it alive, counted without an atomic instruction.
///
/// It must begin and end on the binding's thread.
// Unsafe, so that a lookup by alias takes a third of the time of a dictionary behind a lock, not a half. The pointer
// is valid because the object is retained from the first counted reference to the last, and each is counted once: the
// value cannot be copied, and only `deinit` ends it. No other thread changes the count, because neither the table nor
// a value is sendable.
public struct BindingReference<Binding: RouteBinding>: ~Copyable {
  @usableFromInline let unmanaged: Unmanaged<Binding>

  @inlinable
  public init(_ binding: Binding) { self.init(Unmanaged.passUnretained(binding)) }

  @inlinable @inline(__always)
  init(_ unmanaged: Unmanaged<Binding>) {
    unmanaged.addReference()
    self.unmanaged = unmanaged
  }

  @inlinable @inline(__always)
  deinit { unmanaged.removeReference() }

  @inlinable
  public var binding: Binding { unmanaged.takeUnretainedValue() }
}

extension Unmanaged where Instance: RouteBinding {
  @inlinable @inline(__always)
  func addReference() {
    let count = _withUnsafeGuaranteedRef { binding in
      binding.references &+= 1
      return binding.references
    }
    if count == 1 { _ = retain() }
  }

  @inlinable @inline(__always)
  func removeReference() {
    let count = _withUnsafeGuaranteedRef { binding in
      binding.references &-= 1
      return binding.references
    }
    if count == 0 { release() }
  }
}

/// The bindings of one thread. They are found by identity, so that a lookup touches nothing that other threads write; a
/// route that is bound here keeps its identity.
///
/// A route that changes or leaves the registry is no longer found, and is kept until ``forgetChanged(in:)``, and as long
/// as a request refers to its binding.
public struct RouteBindings<Binding: RouteBinding>: ~Copyable {
  @usableFromInline
  struct Slot {
    /// 0 if the slot is free.
    @usableFromInline var address: UInt = 0
    /// A counted reference.
    @usableFromInline var binding: Unmanaged<Binding>?
    @usableFromInline init() {}
  }

  /// The size is a power of two, and at most half of the slots are used.
  @usableFromInline var slots: [Slot]
  @usableFromInline var count = 0

  @inlinable
  public init() { slots = Array(repeating: Slot(), count: 16) }

  deinit { for slot in slots { slot.binding?.removeReference() } }

  @inlinable
  subscript(_ route: RouteIdentity) -> Unmanaged<Binding>? { slots[place(of: route)].binding }

  /// The HTTP route for that alias or host, as ``RouteRegistry/httpIdentity(alias:host:)`` finds it; nil if there is
  /// none.
  ///
  /// - Parameter bind: called for a route without a binding.
  @inlinable
  public mutating func http(
    alias: RawSpan, host: RawSpan, in registry: RouteRegistry, bind: (RegisteredRoute) -> Binding
  ) -> BindingReference<Binding>? {
    guard let identity = registry.httpIdentity(alias: alias, host: host) else { return nil }
    if let known = self[identity] { return BindingReference(known) }
    guard let route = registry.getHTTPRouteOrExact(alias: alias, host: host) else { return nil }
    return bound(route, in: registry, bind)
  }

  public mutating func removeAll() { self = RouteBindings() }

  /// Removes the routes that lookups by their alias no longer find. O(n).
  public mutating func forgetChanged(in registry: RouteRegistry) {
    let bindings = slots.compactMap(\.binding)
    let current = bindings.filter { $0._withUnsafeGuaranteedRef { registry.has($0.registered) } }
    guard current.count < bindings.count else { return }
    var kept = RouteBindings()
    for binding in current { kept.insert(binding, in: registry) }
    self = kept
  }

  @usableFromInline
  mutating func bound(
    _ route: RegisteredRoute, in registry: RouteRegistry, _ bind: (RegisteredRoute) -> Binding
  ) -> BindingReference<Binding> {
    if let known = self[registry.identity(of: route)] { return BindingReference(known) }
    let binding = bind(route)
    insert(Unmanaged.passUnretained(binding), in: registry)
    return BindingReference(binding)
  }

  @usableFromInline
  mutating func insert(_ binding: Unmanaged<Binding>, in registry: RouteRegistry) {
    if (count + 1) * 2 > slots.count {
      let old = slots
      slots = Array(repeating: Slot(), count: 2 * old.count)
      for binding in old.compactMap(\.binding) { fill(binding, in: registry) }
    }
    binding.addReference()
    fill(binding, in: registry)
    count += 1
  }

  private mutating func fill(_ binding: Unmanaged<Binding>, in registry: RouteRegistry) {
    let route = binding._withUnsafeGuaranteedRef { registry.identity(of: $0.registered) }
    let index = place(of: route)
    slots[index].address = route.address
    slots[index].binding = binding
  }

  /// The slot of the route, or the free slot for it.
  @inlinable @inline(__always)
  func place(of route: RouteIdentity) -> Int {
    let mask = slots.count &- 1
    var index = Int(route.hash) & mask
    while slots[index].address != route.address, slots[index].address != 0 { index = (index &+ 1) & mask }
    return index
  }
}
