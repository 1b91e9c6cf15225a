import Testing

@testable import ProxyTraffic

@Suite struct ProxyTrafficTests {}
