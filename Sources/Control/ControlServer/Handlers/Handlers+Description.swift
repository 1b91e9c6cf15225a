extension Handlers {
  func description(_ request: APIRequest) throws -> Response { try .json(try OpenAPIDocument.make()) }
}
