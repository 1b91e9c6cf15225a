import PrintableText

/// The HTML page for a failure: one self-contained file with a light and a dark style.
struct FailurePage {
  private let report: FailureReport

  init(_ report: FailureReport) { self.report = report }

  var text: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>\(report.status) · \(Self.escaped(report.title))</title>
    <style>
    \(Self.style)
    </style>
    </head>
    <body>
    <main>
    \(way)
    <h1>\(Self.escaped(report.title))</h1>
    <p class="why">\(Self.escaped(report.message))</p>
    \(remedy)
    \(facts)
    </main>
    </body>
    </html>

    """
  }

  /// The steps from the browser to the service, with the one that failed.
  private var way: String {
    let stations: [(FailureReport.Place, String)] = [
      (.client, "your browser"), (.proxy, "pvescout"),
      (.service, report.facts.first { $0.name == "Route" }?.value ?? "service"),
    ]
    let broken = stations.firstIndex { $0.0 == report.place } ?? 0
    let items = stations.enumerated().map { index, station in
      let state = index < broken ? "passed" : index == broken ? "broken" : "beyond"
      return "<li class=\"\(state)\">\(Self.escaped(station.1))</li>"
    }
    return "<ol class=\"way\" aria-hidden=\"true\">\(items.joined())</ol>"
  }

  private var remedy: String {
    let command = report.command.map { "\n<pre><code>\(Self.escaped($0))</code></pre>" } ?? ""
    return "<section>\n<h2>What to do</h2>\n<p>\(Self.escaped(report.hint))</p>\(command)\n</section>"
  }

  private var facts: String {
    let rows = report.facts.map { "<dt>\(Self.escaped($0.name))</dt><dd>\(Self.escaped($0.value))</dd>" }
    return "<dl>\(rows.joined())</dl>"
  }

  /// Escapes text between tags and in quoted attributes. Truncates long texts, which can only come from a client.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars.prefix(600) {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case _ where PrintableText.isUnsafe(scalar):
        // Such as characters that reverse the text or hide a part of it.
        escaped.unicodeScalars.append("\u{FFFD}")
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  static let style = """
    :root { --ground: #f5f6f8; --sheet: #fff; --ink: #1c2330; --soft: #5b6577; --line: #dfe3ea; --code: #f0f2f6;
      --good: #2e9e6b; --bad: #d6453d; }
    @media (prefers-color-scheme: dark) { :root { --ground: #12151b; --sheet: #1a1f28; --ink: #e8ebf1; --soft: #9aa5b8;
      --line: #2c3442; --code: #11151c; --good: #4cc38a; --bad: #ff7369; } }
    *, ::before, ::after { box-sizing: border-box; margin: 0; }
    body { min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
      color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    main { width: 100%; max-width: 38rem; padding: 2.25rem clamp(1.25rem, 5vw, 2.75rem); background: var(--sheet);
      border: 1px solid var(--line); border-radius: 14px; overflow-wrap: anywhere; }
    .way { display: flex; list-style: none; padding: 0; margin-bottom: 2rem; font-size: .8125rem; color: var(--soft); }
    .way li { flex: 1; position: relative; padding-top: 1.35rem; text-align: center; }
    .way li::before { content: ""; position: absolute; z-index: 1; top: 0; left: 50%; width: .9rem; height: .9rem;
      margin-left: -.45rem; border-radius: 50%; background: var(--sheet); border: 2px solid var(--line); }
    .way li + li::after { content: ""; position: absolute; top: calc(.45rem - 1px); left: -50%; width: 100%;
      border-top: 2px solid var(--line); }
    .way .passed::before { background: var(--good); border-color: var(--good); }
    .way .passed + li::after { border-color: var(--good); }
    .way .broken { color: var(--ink); font-weight: 600; }
    .way .broken::before { background: var(--bad); border-color: var(--bad); }
    .way .passed + .broken:last-child::after { border-top-style: dashed; border-color: var(--bad); }
    h1 { font-size: clamp(1.375rem, 4.5vw, 1.75rem); line-height: 1.25; letter-spacing: -.015em; text-wrap: balance; }
    h1::first-letter { text-transform: uppercase; }
    .why { margin-top: .6rem; color: var(--soft); }
    section { margin-top: 1.75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
    h2 { font-size: .75rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); margin-bottom: .4rem; }
    pre { margin-top: .75rem; padding: .7rem .9rem; background: var(--code); border-radius: 8px; white-space: pre-wrap; }
    code { font: .9375rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; user-select: all; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin-top: 1.75rem;
      padding-top: 1.25rem; border-top: 1px solid var(--line); font-size: .875rem; }
    dt { color: var(--soft); }
    """
}
