import ControlAPI

/// The description of the socket's paths as OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>), generated from
/// the operations and the wire types.
enum OpenAPIDocument {
  static func make(of operations: [APIOperation] = APIOperation.all) throws -> JSONNode {
    let catalog = SchemaCatalog()
    let failure = OperationAnswer.response(
      "application/json", try catalog.schema(of: ErrorAnswer.self), "What went wrong, and what to do about it.")
    var paths: [String: [String: JSONNode]] = [:]
    for operation in operations {
      let responses = try operation.answer.responses(catalog).merging(["default": failure]) { first, _ in first }
      paths[operation.pattern.text, default: [:]][operation.method.rawValue.lowercased()] = [
        "operationId": .text(operation.operationID), "summary": .text(operation.summary),
        "parameters": .list(operation.parameterNodes), "responses": .object(responses),
      ]
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "pvescout", "version": .text(PvescoutVersion.text),
        "description": "What the agent answers on its Unix socket: HTTP/1.1 and JSON.",
      ],
      "servers": [["url": "http://localhost", "description": "curl --unix-socket /run/pvescout/pvescout.sock"]],
      "paths": .object(paths.mapValues(JSONNode.object)), "components": ["schemas": .object(catalog.components)],
    ]
  }
}

extension APIOperation {
  /// `GET /v1/routes/{alias}/explain` is `getRoutesAliasExplain`.
  fileprivate var operationID: String {
    let words = pattern.text.split { !$0.isLetter && !$0.isNumber }.filter { $0 != "v1" }
    let name = words.isEmpty ? "Info" : words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    return method.rawValue.lowercased() + name
  }

  fileprivate var parameterNodes: [JSONNode] {
    let inPath = pattern.text.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
    return inPath.map { name in
      ["name": .text(String(name)), "in": "path", "required": .flag(true), "schema": ["type": "string"]]
    } + parameters.map(\.node)
  }
}

extension QueryParameter {
  fileprivate var node: JSONNode {
    let schema: JSONNode = isRepeatable ? ["type": "array", "items": valueSchema] : valueSchema
    return ["name": .text(name), "in": "query", "schema": schema]
  }

  private var valueSchema: JSONNode {
    switch values {
    case .text: ["type": "string"]
    case .address: ["type": "string", "anyOf": [["format": "ipv4"], ["format": "ipv6"], ["maxLength": .number(0)]]]
    case .words(let words): SchemaCatalog.words(words)
    case .numbers(let range):
      ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    }
  }
}
