import Glibc
import LinuxSystem
import NIOCore
import NIOPosix
import NameResolution

extension Error {
  /// The system's error text; for several attempts at a name's addresses, of the first one.
  package var systemReason: String {
    if let error = self as? IOError { return SystemError.text(error.errnoCode) }
    if let error = self as? NIOConnectionError {
      if let first = error.connectionErrors.first { return first.error.systemReason }
      if let failure = (error.dnsAError ?? error.dnsAAAAError) as? NameFailure {
        return "the name '\(error.host)' cannot be looked up: \(failure)"
      }
    }
    return "\(self)"
  }

  /// The error of bind(2), and what to do about it.
  package var bindReason: String {
    guard let code = (self as? IOError)?.errnoCode else { return "\(self)" }
    let hint =
      switch code {
      case EADDRINUSE: ": another program listens there; choose another port, or stop that program"
      case EACCES: ": ports below 1024 need the capability CAP_NET_BIND_SERVICE"
      case EADDRNOTAVAIL: ": this machine does not have that address"
      default: ""
      }
    return "\(SystemError.text(code))\(hint)"
  }
}
