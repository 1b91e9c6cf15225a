"""What compare_proxies.py measures: the cells by name, with the goals of pvescout relative to nginx."""

import dataclasses

KB = 1024


@dataclasses.dataclass(frozen=True)
class Cell:
    name: str
    """Of the proxy: http, https, tcp, https-upstream, h2c-upstream."""
    port: str
    """wrk, h2load, handshakes, resumptions or idle-http2."""
    client: str
    connections: int
    size: int = KB
    """Concurrent streams per connection."""
    streams: int = 1
    """Requests per CPU-second relative to nginx; None: only shown."""
    at_least: float | None = None
    """The p99 relative to nginx's; None: only shown."""
    p99_at_most: float | None = None
    """In MB."""
    rss_at_most: float | None = None

    @property
    def host(self):
        """The host of the route: one for each kind of upstream."""
        return {"https-upstream": "secure", "h2c-upstream": "h2c"}.get(self.port, "bench") + ".compare.test"


CELLS = [
    # First, because memory is rarely returned once it was used.
    Cell("idle-http2-256", "https", "idle-http2", 256, rss_at_most=40),
    Cell("http-1k-1", "http", "wrk", 1, at_least=0.95, p99_at_most=1.5),
    Cell("http-1k-32", "http", "wrk", 32, at_least=0.95, p99_at_most=1.5),
    Cell("http-1k-256", "http", "wrk", 256, at_least=0.95, p99_at_most=1.5, rss_at_most=40),
    Cell("http-50k-1", "http", "wrk", 1, 50 * KB, at_least=1.0, p99_at_most=1.5),
    Cell("http-50k-32", "http", "wrk", 32, 50 * KB, at_least=1.0, p99_at_most=1.5),
    Cell("http-50k-256", "http", "wrk", 256, 50 * KB, at_least=1.0, p99_at_most=1.5, rss_at_most=40),
    Cell("https-1k-32", "https", "wrk", 32, at_least=1.0, p99_at_most=1.5),
    Cell("https-50k-32", "https", "wrk", 32, 50 * KB),
    Cell("http2-1k-1x100", "https", "h2load", 1, streams=100, at_least=1.0),
    Cell("http2-1k-32x10", "https", "h2load", 32, streams=10, at_least=1.0, p99_at_most=1.5),
    Cell("http2-50k-1x100", "https", "h2load", 1, 50 * KB, streams=100, at_least=1.8),
    Cell("http2-50k-32x10", "https", "h2load", 32, 50 * KB, streams=10, at_least=1.8, p99_at_most=1.5),
    Cell("handshake", "https", "handshakes", 4, at_least=1.1),
    Cell("handshake-resumed", "https", "resumptions", 4, at_least=1.1),
    Cell("https-upstream", "https-upstream", "wrk", 32),
    # Compared with nginx with an HTTP/1.1 upstream, the only kind that it supports.
    Cell("h2c-upstream", "h2c-upstream", "h2load", 32, streams=10, at_least=0.9, p99_at_most=1.5),
    Cell("tcp-1k-1", "tcp", "wrk", 1, at_least=0.95, p99_at_most=1.5),
    Cell("tcp-1k-32", "tcp", "wrk", 32, at_least=0.95, p99_at_most=1.5),
    Cell("tcp-1k-256", "tcp", "wrk", 256, at_least=0.95, p99_at_most=1.5, rss_at_most=40),
]

SIZES = sorted({cell.size for cell in CELLS})
