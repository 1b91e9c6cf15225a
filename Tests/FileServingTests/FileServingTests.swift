import Testing

@testable import FileServing

@Suite struct FileServingTests {}
