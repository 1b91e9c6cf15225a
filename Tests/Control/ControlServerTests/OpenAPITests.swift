import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import ControlServer

@Suite(.timeLimit(.minutes(5))) struct OpenAPITests {
  private static let contract: Set<String> = [
    "/v1", "/v1/routes", "/v1/routes/{alias}", "/v1/routes/{alias}/explain", "/v1/lookup", "/v1/providers",
    "/v1/health",
    "/v1/health/{alias}", "/v1/clusters", "/v1/nodes", "/v1/guests", "/v1/events", "/v1/reload", "/livez", "/readyz",
    "/metrics", "/v1/openapi.json",
  ]

  private static func described(_ socket: SocketConfiguration) async throws -> JSON {
    let answer = try await send(.get, "/v1/openapi.json", to: socket.path)
    #expect(answer.status == 200)
    return try JSON(parsing: String(decoding: answer.body, as: UTF8.self))
  }

  @Test func describesEveryEndpointWithItsParameters() async throws {
    let document = try await withServer { _, socket async throws in try await Self.described(socket) }
    #expect(document["openapi"].string?.hasPrefix("3.1.") == true)
    #expect(Set(document["paths"].members.keys) == Set(APIOperation.all.map(\.pattern.text)))
    #expect(Set(document["paths"].members.keys).isSuperset(of: Self.contract))
    var operations: Set<String> = []
    for endpoint in APIOperation.all {
      let operation = document["paths"][endpoint.pattern.text]["\(endpoint.method)".lowercased()]
      let parameters = operation["parameters"].elements
      #expect(parameters.filter { $0["in"] == "query" }.map { $0["name"].string } == endpoint.parameters.map(\.name))
      #expect(parameters.contains { $0["in"] == "path" } == endpoint.pattern.text.contains("{"))
      #expect(operation["summary"].string?.hasSuffix(".") == true, "\(endpoint.pattern.text)")
      #expect(operation["responses"].members["default"] != nil)
      #expect(operations.insert(operation["operationId"].string ?? "").inserted, "\(endpoint.pattern.text)")
    }
  }

  @Test(arguments: [
    ("/v1/health", "view", ["full", "summary", "status", "history"]),
    ("/v1/routes", "pool", ["http", "stream", "excluded"]),
    ("/v1/routes", "status", ["unknown", "healthy", "napping", "starting", "unhealthy", "error"]),
    (
      "/v1/events", "type",
      [
        "route.added", "route.removed", "route.changed", "link.changed", "health.changed", "guest.changed",
        "node.changed", "cluster.changed", "control.changed", "reload", "overflow",
      ]
    ),
  ])
  func namesTheValuesOfAParameter(path: String, name: String, values: [String]) async throws {
    let document = try await withServer { _, socket async throws in try await Self.described(socket) }
    let parameter = document["paths"][path]["get"]["parameters"].elements.first { $0["name"].string == name }
    let schema = try #require(parameter)["schema"]
    let one = schema["type"] == "array" ? schema["items"] : schema
    #expect(Set(one["enum"].elements.compactMap(\.string)) == Set(values))
  }

  @Test(arguments: [
    ("Route", "pool", ["http", "stream", "excluded"]),
    ("Health", "status", ["unknown", "healthy", "napping", "starting", "unhealthy", "error"]),
    ("HealthDetail", "status", ["unknown", "healthy", "napping", "starting", "unhealthy", "error"]),
    ("Guest", "type", ["lxc", "qemu"]), ("LinkedResource", "matched_by", ["explicit", "address", "hostname", "alias"]),
  ])
  func namesTheValuesOfAMember(type: String, name: String, values: [String]) async throws {
    let document = try await withServer { _, socket async throws in try await Self.described(socket) }
    let schema = document["components"]["schemas"][type]["properties"][name]
    #expect(Set(schema["enum"].elements.compactMap(\.string)) == Set(values))
  }

  @Test(arguments: [("/v1/routes", "vmid", 0, 999_999_999), ("/v1/events", "since", 0, nil)])
  func boundsTheNumbersOfAParameter(path: String, name: String, least: Int, most: Int?) async throws {
    let document = try await withServer { _, socket async throws in try await Self.described(socket) }
    let parameter = document["paths"][path]["get"]["parameters"].elements.first { $0["name"].string == name }
    let schema = try #require(parameter)["schema"]
    let number = schema["type"] == "array" ? schema["items"] : schema
    #expect(number["type"] == "integer" && number["minimum"].int == least && number["maximum"].int == most)
  }

  @Test func everyReferenceLeadsToASchema() async throws {
    let text = try await withServer { _, socket async throws in try await Self.described(socket) }
    let names = Set(text["components"]["schemas"].members.keys)
    #expect(names.isSuperset(of: ["Route", "Link", "HealthDetail", "ErrorAnswer", "EventDataRouteEvent", "Guest"]))
    for reference in Self.references(in: text) {
      #expect(names.contains(String(reference.split(separator: "/").last ?? "")), "\(reference)")
    }
  }

  /// The real answers match the description: every key, no other one, the right types.
  @Test(arguments: [
    "/v1", "/v1/routes", "/v1/routes/plex", "/v1/routes/ssh", "/v1/routes/plex/explain", "/v1/lookup?alias=plex",
    "/v1/lookup?alias=twin", "/v1/lookup?alias=nobody", "/v1/providers", "/v1/health", "/v1/health?view=summary",
    "/v1/health?view=status", "/v1/health?view=history", "/v1/health/plex", "/v1/clusters", "/v1/nodes", "/v1/guests",
    "/livez", "/readyz", "/v1/routes/nobody", "/nowhere",
  ])
  func answersAreAsDescribed(path: String) async throws {
    let (document, answer) = try await withServer { _, socket async throws in
      (try await Self.described(socket), try await send(.get, path, to: socket.path))
    }
    let segments = try #require(PathPattern.segments(of: String(path.prefix { $0 != "?" })))
    let pattern = APIOperation.all.first { $0.pattern.match(segments) != nil }?.pattern.text
    let responses = document["paths"][pattern ?? "/v1"]["get"]["responses"]
    let response = answer.status == 404 ? responses["default"] : responses["\(answer.status)"]
    let faults = Self.faults(
      try JSON(parsing: String(decoding: answer.body, as: UTF8.self)),
      against: response["content"]["application/json"]["schema"], in: document, at: path)
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  /// A check that never fails would prove nothing.
  @Test func theCheckFindsFaults() async throws {
    let document = try await withServer { _, socket async throws in try await Self.described(socket) }
    let schema = document["components"]["schemas"]["LinkStep"]
    func faults(_ text: String) throws -> [String] {
      Self.faults(try JSON(parsing: text), against: schema, in: document, at: "step")
    }
    #expect(try faults(#"{"step": "a", "outcome": "b", "detail": "c"}"#).isEmpty)
    #expect(try faults(#"{"step": "a", "outcome": "b"}"#) == ["step.detail is missing"])
    #expect(try faults(#"{"step": "a", "outcome": "b", "detail": null}"#) == ["step.detail is no string"])
    #expect(
      try faults(#"{"step": "a", "outcome": "b", "detail": "c", "more": 1}"#) == ["step.more is not described"])
  }

  private static func references(in json: JSON) -> [String] {
    json.members.flatMap { key, value in
      key == "$ref" ? [value.string].compactMap { $0 } : references(in: value)
    } + json.elements.flatMap(references)
  }

  /// The differences between a value and its schema, for the parts of JSON Schema that the document uses.
  private static func faults(_ value: JSON, against schema: JSON, in document: JSON, at place: String) -> [String] {
    if let reference = schema["$ref"].string {
      let name = String(reference.split(separator: "/").last ?? "")
      return faults(value, against: document["components"]["schemas"][name], in: document, at: place)
    }
    let choices = schema["anyOf"].elements + schema["oneOf"].elements
    if !choices.isEmpty {
      let found = choices.map { faults(value, against: $0, in: document, at: place) }
      return found.contains([]) ? [] : found.min { $0.count < $1.count } ?? []
    }
    if let constant = schema.members["const"] { return value == constant ? [] : ["\(place) is not \(constant)"] }
    let words = schema["enum"].elements
    guard words.isEmpty || words.contains(value) else { return ["\(place) is none of \(words)"] }
    let types = schema["type"].string.map { [$0] } ?? schema["type"].elements.compactMap(\.string)
    guard !types.isEmpty else { return ["\(place) has no type in its schema"] }
    guard types.contains(where: { has(value, type: $0) }) else {
      return ["\(place) is no \(types.joined(separator: " or "))"]
    }
    let items = value.elements.enumerated().flatMap { index, item in
      faults(item, against: schema["items"], in: document, at: "\(place)[\(index)]")
    }
    return items + memberFaults(value, against: schema, in: document, at: place)
  }

  private static func memberFaults(_ value: JSON, against schema: JSON, in document: JSON, at place: String)
    -> [String]
  {
    let missing = schema["required"].elements.compactMap(\.string).filter { value.members[$0] == nil }
      .map { "\(place).\($0) is missing" }
    return missing
      + value.members.sorted { $0.key < $1.key }.flatMap { key, member in
        guard let inner = schema["properties"].members[key] ?? schema.members["additionalProperties"] else {
          return ["\(place).\(key) is not described"]
        }
        return faults(member, against: inner, in: document, at: "\(place).\(key)")
      }
  }

  private static func has(_ value: JSON, type: String) -> Bool {
    switch (type, value) {
    case ("null", .null), ("string", .string), ("boolean", .bool), ("number", .number), ("array", .array),
      ("object", .object):
      true
    case ("integer", _): value.int != nil
    default: false
    }
  }
}
