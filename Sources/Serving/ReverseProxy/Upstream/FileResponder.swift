import FileServing
import HTTPMessages
import NIOCore

/// Serves an exchange from a folder. Everything that may block runs on the threads of that folder.
final class FileResponder: UpstreamSide, DeadlineObserver {
  private let server: FileServer
  private let threads: FolderThreads
  private var exchange: Exchange?
  private let worker: ProxyWorker
  private(set) var deadline = NIODeadline.distantFuture
  /// The part of the file that is not sent yet.
  private var rest: (file: OpenFile, offset: Int, length: Int)?
  /// A thread works for this exchange.
  private var isReading = false

  init(_ server: FileServer, on threads: FolderThreads, _ exchange: Exchange) {
    (self.server, self.threads, self.exchange) = (server, threads, exchange)
    worker = exchange.worker
  }

  func serve() {
    guard let exchange else { return }
    guard !worker.isOutOfDescriptors else { return fail(.overloaded) }
    guard !threads.isOverloaded else { return fail(.file(.unreadable("too many requests wait for its folder"))) }
    isReading = true
    worker.deadlines.watch(self)
    deadline = worker.deadline(exchange.responseTimeout)
    exchange.connected(to: self)
    let request = FileRequest(exchange.head)
    threads.run(on: worker.eventLoop) { [server] in server.answer(to: request) }
      .assumeIsolated().whenComplete { self.answered($0) }
  }

  private func answered(_ result: Result<FileAnswer, any Error>) {
    isReading = false
    if case .success(let answer) = result, case .file(let file, let offset, let length) = answer.body {
      rest = (file, offset, length)
    }
    guard let exchange else { return closeFile() }
    switch result {
    case .failure: fail(.overloaded)
    case .success(let answer):
      if case .refusal(let refusal) = answer.body { return fail(.file(refusal)) }
      exchange.respond(ResponseHead(status: UInt16(answer.status), fields: answer.fields))
      readNext()
    }
  }

  private func readNext() {
    guard let exchange, !isReading else { return }
    guard let rest, rest.length > 0 else {
      end()
      return exchange.respondEnd(nil)
    }
    guard exchange.isClientWritable else {
      // The client has a deadline of its own.
      deadline = .distantFuture
      return exchange.flushResponse()
    }
    isReading = true
    deadline = worker.responseDeadline
    let count = min(rest.length, OpenFile.chunkSize)
    threads.run(on: worker.eventLoop) {
      let bytes = try Self.read(rest.file, at: rest.offset, count: count)
      if bytes.readableBytes == rest.length { rest.file.close() }
      return bytes
    }
    .assumeIsolated().whenComplete { self.didRead($0) }
  }

  private static func read(_ file: OpenFile, at offset: Int, count: Int) throws -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: count)
    // pread(2) writes into the buffer itself, without a copy of each chunk. The buffer has room for at least `count`
    // bytes, and no more of it is passed on.
    try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
      try unsafe file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
    }
    return buffer
  }

  private func didRead(_ result: Result<ByteBuffer, any Error>) {
    isReading = false
    guard let exchange, let rest else { return closeFile() }
    // A file that became shorter cannot fill its Content-Length.
    guard case .success(let bytes) = result, bytes.readableBytes > 0 else { return fail(.connectionLost) }
    let left = rest.length - bytes.readableBytes
    self.rest = left > 0 ? (rest.file, rest.offset + bytes.readableBytes, left) : nil
    exchange.respond(bytes)
    exchange.flushResponse()
    readNext()
  }

  private func fail(_ failure: ProxyFailure) {
    let exchange = exchange
    end()
    exchange?.fail(failure)
  }

  /// A thread that still works for the exchange is left to it; its result is dropped.
  private func end() {
    exchange = nil
    worker.deadlines.forget(self)
    if !isReading { closeFile() }
  }

  private func closeFile() {
    guard let file = rest?.file else { return }
    rest = nil
    // Without any thread, no operation hangs in the folder.
    do { try threads.run { file.close() } } catch { file.close() }
  }

  func deadlinePassed() { fail(.timedOut) }

  // MARK: The request body, which is ignored

  var isWritable: Bool { true }
  func send(_ body: ByteBuffer) {}
  func sendEnd(_ trailers: HeadFields?) {}
  func flush() {}

  func resume() { readNext() }
  func cancel() { end() }
}

extension FileRequest {
  init(_ head: RequestHead) {
    self.init(method: head.methodName, target: head.target)
    let fields = head.fields
    ifMatch = fields.list(of: .ifMatch)
    ifNoneMatch = fields.list(of: .ifNoneMatch)
    ifModifiedSince = fields.value(of: .ifModifiedSince)
    ifUnmodifiedSince = fields.value(of: .ifUnmodifiedSince)
    range = fields.value(of: .range)
    ifRange = fields.value(of: .ifRange)
  }
}
