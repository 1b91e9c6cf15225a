extension Handlers {
  func description(_ request: APIRequest) throws -> Response { .json(try OpenAPIDocument.make()) }
}
