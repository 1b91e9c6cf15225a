import HTTPTransport
import JSONDocument
import PeerTrust
import PrintableText

/// Sends a call with its credentials and parses the envelope of the answer. The only code that knows `/api2/json`.
struct APIConnection: Sendable {
  let endpoint: String
  private let credentials: ProxmoxCredentials
  private let trust: TrustPolicy
  private let http: HTTPClient
  private let timeout: Duration
  private let secondFactor: SecondFactor?
  private let tickets = TicketSession()
  /// The additional time-out for a call that another node may have to answer: if that cannot be reached, PVE reports it
  /// after 30 s (596), which must arrive even if the time-out is that long.
  private static let forwarding = Duration.seconds(3)

  init(
    endpoint: String, credentials: ProxmoxCredentials, trust: TrustPolicy, http: HTTPClient, timeout: Duration,
    secondFactor: SecondFactor? = nil
  ) {
    var endpoint = endpoint
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    self.credentials = credentials
    self.trust = trust
    self.http = http
    self.timeout = timeout
    self.secondFactor = secondFactor
  }

  /// The answer's `data`, converted by a function that returns nil for an unexpected form.
  func get<Value>(
    _ path: String, forwarding: Duration = .zero, as read: (JSONValue) -> Value?
  ) async throws(ProxmoxError) -> Value {
    try data(of: try await send(path, forwarding: forwarding), path, as: read)
  }

  private func data<Value>(
    of response: HTTPResponse, _ path: String, as read: (JSONValue) -> Value?
  ) throws(ProxmoxError) -> Value {
    let envelope: JSONValue
    do {
      envelope = try JSONReader.value(of: response.body)
    } catch {
      throw .malformed(response.complaint("\(error)"))
    }
    guard envelope.object?["data"] != nil, let value = read(envelope["data"]) else {
      throw .malformed(response.complaint("the data are not what \(path) should hold"))
    }
    return value
  }

  func get<Value>(node: String, _ path: String, as read: (JSONValue) -> Value?) async throws(ProxmoxError) -> Value {
    try await get("/nodes/\(PercentCoding.encode(node))\(path)", forwarding: Self.forwarding, as: read)
  }

  /// Sends a form, only once: if the connection ends before the response, PVE may have accepted it.
  func post<Value>(
    node: String, _ path: String, _ fields: [(String, String)] = [], as read: (JSONValue) -> Value?
  ) async throws(ProxmoxError) -> Value {
    let path = "/nodes/\(PercentCoding.encode(node))\(path)"
    return try await change(.post, path, fields, forwarding: Self.forwarding, as: read)
  }

  /// Sends a call that changes something, once. PVE takes no body with DELETE: its fields are in the query.
  func change<Value>(
    _ method: HTTPRequest.Method, _ path: String, _ fields: [(String, String)] = [], forwarding: Duration = .zero,
    as read: (JSONValue) -> Value?
  ) async throws(ProxmoxError) -> Value {
    let query = method == .delete && !fields.isEmpty ? "?" + Self.form(fields) : ""
    var request = HTTPRequest(method, "\(endpoint)/api2/json\(path)\(query)")
    if method != .delete {
      request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
      request.body = Array(Self.form(fields).utf8)
    }
    return try data(of: try await send(request, forwarding: forwarding), path, as: read)
  }

  private static func form(_ fields: [(String, String)]) -> String {
    fields.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
  }

  /// Returns an answer with status 200.
  func send(_ path: String, forwarding: Duration = .zero) async throws(ProxmoxError) -> HTTPResponse {
    try await send(HTTPRequest(.get, "\(endpoint)/api2/json\(path)"), forwarding: forwarding)
  }

  private func send(_ request: HTTPRequest, forwarding: Duration) async throws(ProxmoxError) -> HTTPResponse {
    var request = request
    request.timeout = timeout + forwarding
    switch credentials {
    case .token(let id, let secret):
      request.headers.append(("Authorization", "PVEAPIToken=\(id)=\(secret)"))
      request.secrets = [secret]
      return try await exchange(request)
    case .password(let username, let password):
      return try await sendWithTicket(request, username, password)
    }
  }

  /// A refused ticket is renewed once: the server's key or clock may have changed.
  private func sendWithTicket(
    _ request: HTTPRequest, _ username: String, _ password: String
  ) async throws(ProxmoxError) -> HTTPResponse {
    var request = request
    request.secrets = [password]
    let login: TicketSession.Login = { () async throws(ProxmoxError) in try await logIn(username, password) }
    let ticket = try await tickets.ticket(login: login)
    do throws(ProxmoxError) {
      return try await exchange(request, ticket: ticket)
    } catch .unauthorized {
      let renewed = try await tickets.ticket(replacing: ticket, login: login)
      return try await exchange(request, ticket: renewed)
    }
  }

  private func exchange(_ request: HTTPRequest, ticket: Ticket? = nil) async throws(ProxmoxError) -> HTTPResponse {
    var request = request
    request.connectTimeout = min(.seconds(10), timeout)
    request.trust = trust
    if let ticket {
      request.headers.append(("Cookie", "PVEAuthCookie=\(PercentCoding.encode(ticket.cookie))"))
      request.secrets.append(ticket.cookie)
      if request.method != .get { request.headers.append(("CSRFPreventionToken", ticket.csrfToken)) }
    }
    let response: HTTPResponse
    do {
      response = try await answer(to: request)
    } catch {
      throw ProxmoxError(error)
    }
    guard response.status == 200 else { throw ProxmoxError(response, credentials: credentials) }
    return response
  }

  /// PVE closes connections after 5 s without a request, after 100 requests, and when a worker has handled a thousand.
  /// A request that meets such an end is repeated once.
  private func answer(to request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    do {
      return try await http.send(request)
    } catch .connectionClosed where request.method == .get && !Task.isCancelled {
      return try await http.send(request)
    }
  }

  /// `POST /access/ticket`, and once more if PVE wants a second factor: with the first answer's half ticket.
  private func logIn(_ username: String, _ password: String) async throws(ProxmoxError) -> Ticket {
    let first = try await ticketAnswer([("username", username), ("password", password)])
    guard first["NeedTFA"].bool == true else { return try Self.ticket(in: first) }
    guard let code = try await secondFactor?() else {
      throw .unauthorized(
        "\(username) has a second factor, which cannot be entered here: make an API token for it (pveum user token add) "
          + "and set token_id and token_secret_file")
    }
    guard let challenge = first["ticket"].nonEmptyString else {
      throw .malformed("PVE's login answer has no challenge")
    }
    do throws(ProxmoxError) {
      let second = try await ticketAnswer([
        ("username", username), ("tfa-challenge", challenge), ("password", code.answer),
      ])
      return try Self.ticket(in: second)
    } catch .unauthorized {
      throw .unauthorized("PVE refuses the second factor of \(username): enter the code that it shows now")
    }
  }

  private func ticketAnswer(_ fields: [(String, String)]) async throws(ProxmoxError) -> JSONValue {
    var request = HTTPRequest(.post, "\(endpoint)/api2/json/access/ticket")
    request.timeout = timeout
    request.secrets = fields.filter { $0.0 != "username" }.map(\.1)
    request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    request.body = Array(Self.form(fields).utf8)
    let response = try await exchange(request)
    return (try? JSONReader.value(of: response.body))?["data"] ?? .null
  }

  private static func ticket(in data: JSONValue) throws(ProxmoxError) -> Ticket {
    guard let cookie = data["ticket"].nonEmptyString, data["NeedTFA"].bool != true else {
      throw .malformed("PVE's login answer holds no ticket")
    }
    return Ticket(cookie: cookie, csrfToken: PeerText.clean(data["CSRFPreventionToken"].string ?? ""))
  }
}

extension HTTPResponse {
  /// Describes an answer that is not PVE's: the problem, its type and first characters, and what to do.
  func complaint(_ reason: String) -> String {
    let start = masked(PeerText.clean(String(decoding: body.prefix(60), as: UTF8.self)))
    let kind = header("Content-Type").map(PeerText.clean) ?? "no content type"
    return "wanted PVE's JSON, found \(kind) of \(body.count) bytes beginning '\(start)' (\(reason)): \(advice)"
  }

  /// PVE's answers are objects; one that begins like an object was truncated.
  private var advice: String {
    body.first == UInt8(ascii: "{") && (try? JSONReader.value(of: body)) == nil
      ? "it was cut off or damaged on its way; see on the node: systemctl status pveproxy, and whether there is a proxy in between"
      : "is the endpoint a PVE API?"
  }
}
