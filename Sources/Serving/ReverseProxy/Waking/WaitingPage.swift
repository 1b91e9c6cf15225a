import HTTPMessages
import NIOCore
import RouteModel
import WakeOnDemand

/// The page that a browser shows while a guest starts. It follows the guest by events, or reloads itself without
/// scripts.
struct WaitingPage {
  private let words: WakeText
  private let status: GateStatus
  /// Allows the script of this page and no other one (Content Security Policy Level 3).
  private let nonce: String
  private let alias: String

  init(_ route: Route, _ status: GateStatus, nonce: String = Self.newNonce()) {
    (words, alias) = (WakeText(route), route.alias.text)
    (self.status, self.nonce) = (status, nonce)
  }

  private static func newNonce() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
  }

  var answer: LocalAnswer {
    let body = ByteBuffer(string: text)
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-\(nonce)'; connect-src 'self'; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return LocalAnswer(
      ResponseHead(
        status: 503,
        fields: [
          ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("Retry-After", "2"),
          ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", policy),
          ("Content-Length", "\(body.readableBytes)"),
        ]), body)
  }

  var text: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <noscript><meta http-equiv="refresh" content="2"></noscript>
    <title>\(FailurePage.escaped(words.title(status)))</title>
    <style>
    \(FailurePage.style)
    \(Self.style)
    </style>
    </head>
    <body>
    <main>
    <ol class="way" aria-hidden="true"><li class="passed">your browser</li><li class="passed">pvescout</li>\
    <li class="waking">\(FailurePage.escaped(alias))</li></ol>
    <h1 id="title">\(FailurePage.escaped(words.title(status)))</h1>
    <p class="why" id="state" role="status">\(FailurePage.escaped(words.text(status)))</p>
    <section id="again" hidden><p><a href="">Try again</a></p></section>
    </main>
    <script nonce="\(nonce)">
    \(Self.script)
    </script>
    </body>
    </html>

    """
  }

  private static let style = """
    .way .waking { color: var(--ink); font-weight: 600; }
    .way .waking::before { border-color: var(--good); animation: wake 1.6s ease-in-out infinite alternate; }
    @keyframes wake { to { background: var(--good); } }
    @media (prefers-reduced-motion: reduce) { .way .waking::before { animation: none; } }
    a { color: inherit; }
    """

  /// A hidden page closes its connection, because browsers have only six to a host. If the request for events fails,
  /// the service itself has answered it, and the page is loaded again.
  private static let script = """
    (() => {
      const show = (id, text) => { document.getElementById(id).textContent = text; };
      let source = null, isOver = false;
      const close = () => { if (source) { source.close(); source = null; } };
      const load = () => { if (!isOver) { isOver = true; close(); location.reload(); } };
      const open = () => {
        if (source || isOver || document.hidden) return;
        source = new EventSource("\(WakeDemand.eventsPath)");
        const update = (event) => {
          const status = JSON.parse(event.data);
          document.title = status.title;
          show("title", status.title);
          show("state", status.text);
        };
        source.addEventListener("state", update);
        source.addEventListener("ready", load);
        source.addEventListener("failed", (event) => {
          update(event);
          isOver = true;
          close();
          document.getElementById("again").hidden = false;
        });
        source.onerror = () => {
          if (source && source.readyState === EventSource.CLOSED) { close(); setTimeout(load, 500); }
        };
      };
      document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
      open();
    })();
    """
}

/// The texts of the waiting page for the status of a guest.
struct WakeText {
  private let name: String
  private let subject: String

  init(_ route: Route) {
    name = route.alias.text
    subject = LinkDescription(route.link)?.guest ?? "its guest"
  }

  func title(_ status: GateStatus) -> String {
    status.phase == .failed ? "\(name) does not wake up" : "\(name) wakes up"
  }

  func text(_ status: GateStatus) -> String {
    switch status.phase {
    case .up: "\(subject) is up."
    case .checking, .stopped: "\(subject) sleeps and is being woken."
    case .starting: status.cause.map { "\(subject) is being started: \($0)." } ?? "\(subject) is being started."
    case .waiting: "\(subject) runs; its service is about to answer."
    case .stopping: "\(subject) is being shut down, and is started again after that."
    case .failed: "\(subject) could not be started: \(status.cause ?? "the reason is not known")."
    }
  }
}
