import Testing

@testable import ReverseProxy

@Suite struct ReverseProxyTests {}
