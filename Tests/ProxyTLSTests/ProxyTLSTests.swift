import Testing

@testable import ProxyTLS

@Suite struct ProxyTLSTests {}
