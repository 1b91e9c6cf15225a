import Testing

@testable import StreamProxy

@Suite struct StreamProxyTests {}
