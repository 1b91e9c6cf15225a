import Foundation
import TestSupport

@testable import FileServing

/// A root with files, and a secret beside it that must never be served.
struct Site {
  static let secret = "the secret"

  let directory: TemporaryDirectory
  var folder: ServedFolder

  var server: FileServer { FileServer(folder) }
  var root: String { folder.root }

  init(_ files: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    try directory.write(Self.secret, to: "secret.txt")
    folder = ServedFolder(root: directory.file("root"))
    try FileManager.default.createDirectory(atPath: folder.root, withIntermediateDirectories: false)
    for (name, text) in files { try write(text, to: name) }
  }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String { try directory.write(text, to: "root/\(name)") }

  func link(_ name: String, to destination: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(root)/\(name)", withDestinationPath: destination)
  }

  func get(_ target: String, _ change: (inout FileRequest) -> Void = { _ in }) -> FileAnswer {
    var request = FileRequest(method: "GET", target: target)
    change(&request)
    return server.answer(to: request)
  }
}

extension FileAnswer {
  subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  var refusal: FileRefusal? {
    if case .refusal(let refusal) = body { refusal } else { nil }
  }

  /// The content of the body; nil if there is none.
  var text: String? {
    get throws {
      guard case .file(let file, let offset, let length) = body else { return nil }
      var bytes: [UInt8] = []
      while bytes.count < length {
        let part = try file.bytes(at: offset + bytes.count, count: min(length - bytes.count, OpenFile.chunkSize))
        if part.isEmpty { break }
        bytes += part
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension OpenFile {
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }
}
