import FoundationEssentials
import HTTPMessages
package import JSONDocument
import NIOCore
import PrintableText
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel
import YAMLDocument

/// Bytes that the fuzzer made up, read as each of the texts that come from elsewhere. The first one chooses which.
@_cdecl("LLVMFuzzerTestOneInput")
public func readFuzzedInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: count))
  guard let kind = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  switch kind % 8 {
  case 0: readJSON(bytes)
  case 1: readList(bytes)
  case 2: readHistory(bytes)
  case 3: readYAML(bytes)
  case 4: readFrames(bytes)
  case 5: HTTPInput.readRequests(Array(bytes.dropFirst()), split: Int(bytes.first ?? 0))
  case 6: HTTPInput.readResponses(Array(bytes.dropFirst()), split: Int(bytes.first ?? 0))
  default: return -1
  }
  return 0
}

/// What is read as a whole is passed over as well, and reads the same once it was written again.
private func readJSON(_ bytes: [UInt8]) {
  let value = try? JSONReader.value(of: bytes)
  var isSkipped = false
  if var reader = try? JSONReader(bytes) {
    isSkipped = (try? reader.skip()) != nil && (try? reader.end()) != nil
  }
  precondition(value == nil || isSkipped)
  guard let value else { return }
  _ = (value.int, value.seconds, value.time, value.string, value.bool)
  if let seconds = value.seconds { precondition(Duration.seconds(seconds * 1000) >= .zero) }
  // As text: a number that is written without its fraction reads as an integer.
  precondition((try? JSONReader.value(of: value.json))?.json == value.json)
}

extension JSONValue: JSONWritable {
  package func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.writeNull()
    case .bool(let flag): json.write(flag)
    case .int(let number): json.write(Int64(number))
    case .double(let number): json.write(number)
    case .string(let text): json.write(text)
    case .array(let elements): elements.write(to: &json)
    case .object(let fields): fields.write(to: &json)
    }
  }
}

/// PVE's list of everything, up to the inventory that is made of it.
private func readList(_ bytes: [UInt8]) {
  guard let list = try? ClusterResources(decoding: bytes) else { return }
  var builder = InventoryBuilder(name: "home")
  for _ in 1...2 { builder.accept(list, from: "https://10.0.0.1:8006", at: Date(timeIntervalSince1970: 1_800_000_000)) }
  let snapshot = InventorySnapshot(clusters: [builder.snapshot()])
  for guest in snapshot.clusters[0].guests {
    _ = guest.uptime.map { $0.components.seconds * 1000 }
    precondition(snapshot.guest(guest.id) != nil)
  }
}

/// A route's history as a state file keeps it.
private func readHistory(_ bytes: [UInt8]) {
  guard var history = try? JSONReader.value(of: bytes).decode(HealthHistory.self) else { return }
  let now = Date(timeIntervalSince1970: 1_800_000_000)
  _ = history.summary(at: now)
  history.add(.seconds(30), isUp: true, until: now)
  history.addProbe(.milliseconds(2), at: now)
  precondition(history.summary(at: now).hour != nil)
}

private func readYAML(_ bytes: [UInt8]) {
  guard let document = try? YAMLDocument(String(decoding: bytes, as: UTF8.self)) else { return }
  let reader = YAMLReader(environment: [:])
  reader.reportFlaws(of: document.root)
  _ = reader.mapping(document.root, "the file") { mapping in
    _ = (mapping.duration("interval", atLeast: .zero), mapping.int("retries", in: 1...1000), mapping.bool("disable"))
    _ = mapping.strings("files")
  }
}

/// What a client or an upstream says over HTTP/2, field blocks included. What is answered is bounded by what came.
private func readFrames(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let role: HTTP2ConnectionState.Role = first & 1 == 0 ? .server : .client
  var state = HTTP2ConnectionState(role, isSecure: false, bounds: HTTP2Bounds(client: MessageLimits()))
  let greeting = role == .server ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" : ""
  var input = ByteBuffer(string: greeting)
  // SETTINGS without any.
  input.writeBytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
  let response = ResponseHead(status: 200, fields: [("Server", "fuzzer")])
  var open: Set<Int> = []
  for part in [bytes.dropFirst().prefix(bytes.count / 2), bytes.dropFirst(1 + bytes.count / 2)] {
    input.writeBytes(part)
    while let event = state.receive(from: &input, at: .uptimeNanoseconds(0)) {
      switch event {
      case .request(let slot, let head, let isWhole):
        precondition(isWhole || head.framing != .length(0))
        _ = (head.target, head.host, head.methodName)
        open.insert(slot)
      case .badRequest(let slot, _, _, _):
        open.remove(slot)
        state.send(response, date: ByteBuffer(string: "Date: now\r\n"), on: slot, isWhole: true)
      case .reset(let slot, _): open.remove(slot)
      case .body(let slot, let body, _): state.consume(body.readableBytes, of: slot)
      default: break
      }
      precondition(state.openStreams <= 100 && state.output.readableBytes <= 4096 + 64 * (bytes.count + 100))
    }
  }
  for slot in open.sorted() {
    state.send(response, date: ByteBuffer(string: "Date: now\r\n"), on: slot, isWhole: false)
    state.send(ByteBuffer(repeating: 0, count: 100_000), on: slot)
    if state.end(slot, trailers: nil) { continue }
    state.reset(slot, .cancel)
  }
  precondition(state.openStreams == 0)
}
