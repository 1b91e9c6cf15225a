import Glibc
import NIOCore

extension Error {
  /// What bind(2) said, and what to do about it.
  package var bindReason: String {
    guard let code = (self as? IOError)?.errnoCode else { return "\(self)" }
    let hint =
      switch code {
      case EADDRINUSE: ": another program listens there; choose another port, or stop that program"
      case EACCES: ": ports below 1024 need the capability CAP_NET_BIND_SERVICE"
      case EADDRNOTAVAIL: ": this machine does not have that address"
      default: ""
      }
    return "\(String(cString: strerror(code)))\(hint)"
  }
}
