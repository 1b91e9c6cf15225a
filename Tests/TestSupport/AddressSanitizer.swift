import Glibc

/// The address sanitizer, if the tests run under it.
package enum AddressSanitizer {
  /// It keeps freed memory for a while, so that the size of a process says nothing.
  package static let isOn = dlsym(nil, "__asan_init") != nil
}
