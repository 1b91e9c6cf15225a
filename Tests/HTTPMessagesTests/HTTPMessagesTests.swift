import Testing

@testable import HTTPMessages

@Suite struct HTTPMessagesTests {}
