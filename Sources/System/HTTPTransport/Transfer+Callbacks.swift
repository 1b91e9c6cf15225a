import CCurl
import Glibc

extension Transfer {
  /// Registers this transfer for libcurl's callbacks; it must outlive its time in a multi handle.
  func setCallbacks() throws(RefusedOption) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.set(CURLOPT_PREREQDATA, pointer: context)
    try handle.setBeforeRequest { context, _, _, _, _ in
      guard let transfer = Transfer.from(context), transfer.willSend() else { return CURL_PREREQFUNC_ABORT }
      return CURL_PREREQFUNC_OK
    }
    try handle.set(CURLOPT_HEADERDATA, pointer: context)
    try handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Transfer.from(context)?.received(headerLine: line) == true ? line.count : 0
    }
    try handle.set(CURLOPT_WRITEDATA, pointer: context)
    try handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return switch Transfer.from(context)?.received(bytes: bytes) {
      case .taken: bytes.count
      case .paused: Int(CURL_WRITEFUNC_PAUSE)
      // Any count other than that of the bytes ends the transfer; 0 would only do so for a chunk that is not empty.
      case .refused, nil: bytes.count + 1
      }
    }
    try handle.set(CURLOPT_OPENSOCKETDATA, pointer: context)
    try handle.setOpenSocket { context, _, address in
      guard let transfer = Transfer.from(context), let address = address?.pointee else { return -1 }
      let kind = address.socktype | Int32(SOCK_CLOEXEC.rawValue)
      let descriptor = socket(address.family, kind, address.protocol)
      if descriptor < 0 { transfer.socketError = errno }
      return descriptor
    }
    guard target.isTLS else { return }
    try handle.set(CURLOPT_SSL_CTX_DATA, pointer: context)
    try handle.setBeforeHandshake { _, sslContext, context in
      guard let sslContext, let transfer = Transfer.from(context) else { return CURLE_ABORTED_BY_CALLBACK }
      return transfer.willHandshake(context: OpaquePointer(sslContext)) ? CURLE_OK : CURLE_OUT_OF_MEMORY
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
