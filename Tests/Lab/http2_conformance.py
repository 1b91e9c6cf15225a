"""Tests an HTTP/2 server against RFC 9113, frame by frame: what it must refuse, and that it continues.

    python3 http2_conformance.py PORT HOST [NAME...]

HOST is the authority of a route that answers GET / with 200 and "hello". Prints a line for each case that fails; ends
with 1 if there is one.
"""

import itertools
import socket
import ssl
import sys
import time

import hpack
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, PriorityFrame, PushPromiseFrame,
    RstStreamFrame, SettingsFrame, WindowUpdateFrame)

PATIENCE = 60
NO_ERROR, PROTOCOL, INTERNAL, FLOW, _, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION, _, CALM = range(12)


class Connection:
    """A client's connection that sends arbitrary frames."""

    def __init__(self, greets=True):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        raw = socket.create_connection(("127.0.0.1", PORT), PATIENCE)
        self.socket = context.wrap_socket(raw, server_hostname=HOST)
        assert self.socket.selected_alpn_protocol() == "h2", "ALPN"
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.input, self.frames, self.is_closed = b"", [], False
        if greets:
            self.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            self.send(SettingsFrame(0))

    def raw(self, data):
        try:
            self.socket.sendall(data)
        except (OSError, ssl.SSLError):
            self.is_closed = True

    def frame(self, kind, flags, stream, payload):
        """A frame from its bytes, which no library would create."""
        self.raw(len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload)

    def send(self, *frames):
        self.raw(b"".join(frame.serialize() for frame in frames))

    def fields(self, **changes):
        """The fields of a GET with changes; None removes a field."""
        fields = {":method": "GET", ":scheme": "https", ":path": "/", ":authority": HOST}
        fields.update({name.replace("pseudo_", ":").replace("_", "-"): value for name, value in changes.items()})
        return [(name, value) for name, value in fields.items() if value is not None]

    def headers(self, stream, fields=None, flags=("END_STREAM", "END_HEADERS")):
        data = self.encoder.encode(self.fields() if fields is None else fields, huffman=False)
        first, rest = data[:16384], [data[n:n + 16384] for n in range(16384, len(data), 16384)]
        ends = [flag for flag in flags if flag == "END_HEADERS"]
        self.send(HeadersFrame(stream, first, flags=[f for f in flags if f not in ends or not rest]))
        for number, piece in enumerate(rest, 1):
            self.send(ContinuationFrame(stream, piece, flags=ends if number == len(rest) else []))

    def data(self, stream, data=b"", ends=True):
        self.send(DataFrame(stream, data, flags=["END_STREAM"] if ends else []))

    def next(self, deadline):
        """The next frame; None once the connection is closed."""
        while not self.is_closed:
            if len(self.input) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self.input[:9]))
                if len(self.input) >= 9 + length:
                    frame.parse_body(memoryview(self.input[9:9 + length]))
                    self.input = self.input[9 + length:]
                    return self.seen(frame)
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                raise AssertionError(f"nothing came; so far {[type(f).__name__ for f in self.frames]}") from None
            except OSError:
                data = b""
            self.is_closed = not data
            self.input += data
        return None

    def seen(self, frame):
        self.frames.append(frame)
        if isinstance(frame, (HeadersFrame, ContinuationFrame)):
            frame.fields = dict(self.decoder.decode(frame.data))
        if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.send(SettingsFrame(0, flags=["ACK"]))
        return frame

    def until(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while True:
            frame = self.next(deadline)
            if frame is None or wanted(frame):
                return frame

    def response(self, stream):
        """Status and body of a response; fails if the stream or the connection ends before."""
        body, status = b"", None
        while True:
            frame = self.until(lambda f: f.stream_id == stream or isinstance(f, GoAwayFrame))
            assert frame is not None, f"closed before the response to {stream}"
            assert not isinstance(frame, (GoAwayFrame, RstStreamFrame)), f"{type(frame).__name__} {frame.error_code}"
            if isinstance(frame, HeadersFrame) and ":status" in frame.fields:
                status = int(frame.fields[":status"])
            if isinstance(frame, DataFrame):
                body += bytes(frame.data)
            if "END_STREAM" in frame.flags:
                return status, body

    # Expected results.

    def refused(self, *codes):
        """The connection ends with one of these codes in a GOAWAY, or is closed."""
        frame = self.until(lambda f: isinstance(f, GoAwayFrame) and f.error_code != NO_ERROR)
        if frame is not None:
            assert frame.error_code in codes, f"GOAWAY {frame.error_code}, wanted {codes}"
            assert self.until(lambda f: False) is None

    def stream_refused(self, stream, *codes, statuses=(400,)):
        """The stream or the connection ends with one of these codes, or an error status is sent."""
        def is_end(frame):
            return (isinstance(frame, GoAwayFrame) or frame.stream_id == stream
                    and isinstance(frame, (RstStreamFrame, HeadersFrame)))
        frame = self.until(is_end)
        if isinstance(frame, HeadersFrame):
            status = int(frame.fields[":status"])
            assert status in statuses, f"status {status}, wanted {statuses}"
        elif frame is not None:
            assert frame.error_code in codes, f"{type(frame).__name__} {frame.error_code}, wanted {codes}"

    def serves(self, stream=None):
        stream = stream or 9001
        self.headers(stream)
        assert self.response(stream) == (200, b"hello")


CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def malformed(name, fields, *codes, statuses=(400,)):
    """A request that is malformed (RFC 9113 §8.1.1): its stream is refused, and the connection may go on."""
    def run(c):
        c.headers(1, fields(c))
        c.stream_refused(1, *(codes or (PROTOCOL,)), statuses=statuses)
    CASES[name] = run


def frame_refused(name, kind, flags, stream, payload, *codes):
    """A frame that ends the connection."""
    def run(c):
        c.frame(kind, flags, stream, payload)
        c.refused(*codes)
    CASES[name] = run


# §3.4, §4: preface and frames

def preface(c):
    c = Connection(greets=False)
    c.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    c.refused(PROTOCOL)


CASES["bad_preface"] = preface


@case
def plain_request(c):
    c.serves(1)


@case
def unknown_frames_are_ignored(c):
    c.frame(0x16, 0xFF, 0, b"\0" * 8)
    c.serves(1)


@case
def unknown_flags_are_ignored(c):
    c.frame(6, 0x16, 0, b"12345678")
    assert c.until(lambda f: isinstance(f, PingFrame)) is not None
    c.serves(1)


frame_refused("ping_of_seven_bytes", 6, 0, 0, b"1234567", SIZE)
frame_refused("settings_of_five_bytes", 4, 0, 0, b"12345", SIZE)
frame_refused("settings_ack_with_payload", 4, 1, 0, b"\0" * 6, SIZE)
frame_refused("window_update_of_three_bytes", 8, 0, 0, b"\0\0\1", SIZE)
frame_refused("goaway_on_a_stream", 7, 0, 1, b"\0" * 8, PROTOCOL)
frame_refused("ping_on_a_stream", 6, 0, 1, b"12345678", PROTOCOL)
frame_refused("settings_on_a_stream", 4, 0, 1, b"", PROTOCOL)
frame_refused("data_on_stream_zero", 0, 0, 0, b"x", PROTOCOL)
frame_refused("headers_on_stream_zero", 1, 5, 0, b"\x82", PROTOCOL)
frame_refused("priority_on_stream_zero", 2, 0, 0, b"\0\0\0\0\1", PROTOCOL)
frame_refused("reset_on_stream_zero", 3, 0, 0, b"\0\0\0\0", PROTOCOL)
frame_refused("continuation_without_headers", 9, 4, 1, b"\x82", PROTOCOL)
frame_refused("continuation_on_stream_zero", 9, 4, 0, b"\x82", PROTOCOL)
frame_refused("push_from_a_client", 5, 4, 1, b"\0\0\0\2\x82", PROTOCOL)
frame_refused("data_on_an_idle_stream", 0, 1, 1, b"x", PROTOCOL, CLOSED)
frame_refused("reset_of_an_idle_stream", 3, 0, 1, b"\0\0\0\0", PROTOCOL)
frame_refused("window_of_an_idle_stream", 8, 0, 1, b"\0\0\0\1", PROTOCOL)
frame_refused("window_update_of_zero", 8, 0, 0, b"\0\0\0\0", PROTOCOL)
frame_refused("window_overflow", 8, 0, 0, b"\x7f\xff\xff\xff", FLOW)
frame_refused("push_setting_of_two", 4, 0, 0, b"\0\2\0\0\0\2", PROTOCOL)
frame_refused("window_setting_too_large", 4, 0, 0, b"\0\4\x80\0\0\0", FLOW)
frame_refused("frame_size_setting_too_small", 4, 0, 0, b"\0\5\0\0\x3f\xff", PROTOCOL)
frame_refused("frame_size_setting_too_large", 4, 0, 0, b"\0\5\1\0\0\0", PROTOCOL)
frame_refused("bad_header_block", 1, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", COMPRESSION)
frame_refused("headers_padded_beyond_their_end", 1, 0xD, 1, b"\x20\x82\x84", PROTOCOL)
frame_refused("headers_on_an_even_stream", 1, 5, 2, b"\x82\x87\x84", PROTOCOL)
frame_refused("frame_larger_than_allowed", 1, 5, 1, b"\0" * 20000, SIZE, COMPRESSION)


@case
def unknown_setting_is_ignored(c):
    c.frame(4, 0, 0, b"\0\xff\0\0\0\1")
    c.serves(1)


@case
def settings_and_pings_are_answered(c):
    ping = PingFrame(0, b"12345678")
    c.send(ping)
    answer = c.until(lambda f: isinstance(f, PingFrame))
    assert "ACK" in answer.flags and bytes(answer.opaque_data) == b"12345678"
    assert any(isinstance(f, SettingsFrame) and "ACK" in f.flags for f in c.frames)


@case
def another_frame_within_a_header_block(c):
    c.headers(1, flags=("END_STREAM",))
    c.send(PriorityFrame(1))
    c.refused(PROTOCOL)


@case
def headers_of_another_stream_within_a_header_block(c):
    c.headers(1, flags=("END_STREAM",))
    c.headers(3)
    c.refused(PROTOCOL)


@case
def header_block_in_pieces(c):
    block = c.encoder.encode(c.fields())
    c.send(
        HeadersFrame(1, block[:5], flags=["END_STREAM"]), ContinuationFrame(1, block[5:], flags=["END_HEADERS"]))
    assert c.response(1) == (200, b"hello")


# §5, §6: streams and windows

@case
def stream_identifiers_grow(c):
    c.serves(5)
    c.headers(3)
    c.refused(PROTOCOL, CLOSED)


@case
def data_behind_the_end(c):
    c.headers(1)
    c.data(1, b"x")
    c.stream_refused(1, CLOSED, PROTOCOL, statuses=(200,))


@case
def headers_behind_the_end(c):
    c.headers(1)
    c.headers(1)
    c.stream_refused(1, CLOSED, PROTOCOL, statuses=(200,))


@case
def too_many_streams(c):
    for stream in range(1, 401, 2):
        c.headers(stream, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    frame = c.until(lambda f: isinstance(f, (GoAwayFrame, RstStreamFrame)))
    assert frame is None or frame.error_code in (PROTOCOL, REFUSED, CALM), frame


@case
def stream_window_update_of_zero(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.frame(8, 0, 1, b"\0\0\0\0")
    c.stream_refused(1, PROTOCOL)


@case
def stream_window_overflow(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.frame(8, 0, 1, b"\x7f\xff\xff\xff")
    c.stream_refused(1, FLOW)


@case
def data_padded_beyond_its_end(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.frame(0, 9, 1, b"\xffx")
    c.stream_refused(1, PROTOCOL)


@case
def a_window_of_one_byte_is_kept(c):
    c.send(SettingsFrame(0, {4: 1}))
    c.headers(1)
    for byte in b"hello":
        frame = c.until(lambda f: isinstance(f, DataFrame))
        assert bytes(frame.data) == bytes([byte]), bytes(frame.data)
        c.send(WindowUpdateFrame(1, 1))


@case
def a_window_that_opens_late(c):
    c.send(SettingsFrame(0, {4: 0}))
    c.headers(1)
    assert isinstance(c.until(lambda f: f.stream_id == 1), HeadersFrame)
    c.send(SettingsFrame(0, {4: 100}))
    assert c.response(1)[1] == b"hello"


@case
def one_stream_does_not_wait_for_another(c):
    c.send(SettingsFrame(0, {4: 0}))
    c.headers(1)
    c.headers(3, c.fields(pseudo_method="HEAD"))
    assert c.response(3)[0] == 200


# §8: messages

malformed("capital_in_a_field_name", lambda c: c.fields(**{"X-Test": "a"}))
malformed("field_name_with_a_space", lambda c: c.fields(**{"a b": "c"}))
malformed("empty_field_name", lambda c: c.fields(**{"": "c"}), PROTOCOL, COMPRESSION)
malformed("line_break_in_a_value", lambda c: c.fields(x="a\r\nb: c"))
malformed("nul_in_a_value", lambda c: c.fields(x="a\0b"))
malformed("unknown_pseudo_field", lambda c: c.fields(pseudo_test="a"))
malformed("pseudo_field_of_responses", lambda c: c.fields(pseudo_status="200"))
malformed("pseudo_field_behind_others", lambda c: [("x", "a")] + c.fields())
malformed("connection_field", lambda c: c.fields(connection="keep-alive"))
malformed("keep_alive_field", lambda c: c.fields(keep_alive="1"))
malformed("proxy_connection_field", lambda c: c.fields(proxy_connection="close"))
malformed("transfer_encoding_field", lambda c: c.fields(transfer_encoding="chunked"))
malformed("upgrade_field", lambda c: c.fields(upgrade="websocket"))
malformed("te_other_than_trailers", lambda c: c.fields(te="trailers, deflate"))
malformed("no_method", lambda c: c.fields(pseudo_method=None))
malformed("no_scheme", lambda c: c.fields(pseudo_scheme=None))
malformed("no_path", lambda c: c.fields(pseudo_path=None))
malformed("empty_path", lambda c: c.fields(pseudo_path=""))
malformed("two_methods", lambda c: [(":method", "GET")] + c.fields())
malformed("two_schemes", lambda c: [(":scheme", "https")] + c.fields())
malformed("two_paths", lambda c: [(":path", "/")] + c.fields())
malformed("two_authorities", lambda c: [(":authority", HOST)] + c.fields())
malformed("scheme_of_another_port", lambda c: c.fields(pseudo_scheme="http"))
malformed("authority_and_host_differ", lambda c: c.fields(host="other.test"))
malformed("neither_authority_nor_host", lambda c: c.fields(pseudo_authority=None))
malformed("two_hosts", lambda c: c.fields(pseudo_authority=None) + [("host", HOST), ("host", HOST)])
malformed("authority_with_a_user", lambda c: c.fields(pseudo_authority="user@" + HOST))
malformed("path_with_a_space", lambda c: c.fields(pseudo_path="/ HTTP/1.1"))
malformed("path_with_a_line_break", lambda c: c.fields(pseudo_path="/ HTTP/1.1\r\nx: y"))
malformed("method_with_a_space", lambda c: c.fields(pseudo_method="GET /x"))
malformed("path_that_is_none", lambda c: c.fields(pseudo_path="index.html"))
malformed("absolute_path", lambda c: c.fields(pseudo_path="http://other.test/"))
malformed("two_lengths", lambda c: c.fields(content_length="0") + [("content-length", "1")])
malformed("length_that_is_no_number", lambda c: c.fields(content_length="+1"))
malformed("length_without_a_body", lambda c: c.fields(content_length="5"))
malformed(
    "connect", lambda c: c.fields(pseudo_method="CONNECT", pseudo_scheme=None, pseudo_path=None), statuses=(400, 405))
malformed(
    "extended_connect", lambda c: c.fields(pseudo_method="CONNECT", pseudo_protocol="websocket"),
    statuses=(400, 405, 501))
malformed("head_of_45_kB", lambda c: c.fields(x="a" * 15000, y="b" * 15000, z="c" * 15000), statuses=(400, 431))
malformed("two_hundred_fields", lambda c: c.fields(**{f"x{n}": "a" for n in range(200)}), statuses=(400, 431))


@case
def host_alone_will_do(c):
    c.headers(1, c.fields(pseudo_authority=None, host=HOST))
    assert c.response(1) == (200, b"hello")


@case
def unknown_host_is_not_found(c):
    c.headers(1, c.fields(pseudo_authority="nowhere.test"))
    assert c.response(1)[0] == 404


@case
def te_trailers_will_do(c):
    c.headers(1, c.fields(te="trailers"))
    assert c.response(1) == (200, b"hello")


@case
def body_of_another_length(c):
    c.headers(1, c.fields(pseudo_method="POST", content_length="2"), flags=("END_HEADERS",))
    c.data(1, b"x")
    c.stream_refused(1, PROTOCOL)


@case
def body_and_trailers(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.data(1, b"x", ends=False)
    c.headers(1, [("x-sum", "1")])
    assert c.response(1)[0] == 200


@case
def trailers_that_do_not_end(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.headers(1, [("x-sum", "1")], flags=("END_HEADERS",))
    c.stream_refused(1, PROTOCOL)


@case
def pseudo_field_among_trailers(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.headers(1, [(":path", "/")])
    c.stream_refused(1, PROTOCOL)


@case
def a_malformed_message_ends_its_stream_alone(c):
    c.headers(1, c.fields(connection="close"))
    c.stream_refused(1, PROTOCOL)
    c.serves(3)


@case
def head_has_no_body(c):
    c.headers(1, c.fields(pseudo_method="HEAD"))
    assert c.response(1) == (200, b"")


@case
def a_large_cookie_on_a_new_connection(c):
    c.headers(1, c.fields(cookie="a" * 17000))
    assert c.response(1) == (200, b"hello")


@case
def a_head_above_the_limits_costs_its_own_stream(c):
    c.headers(1, c.fields(cookie="a" * 40000))
    assert c.response(1)[0] == 431
    c.serves(3)


@case
def bytes_that_are_no_text_of_ours(c):
    c.headers(1, [(name.encode(), value.encode()) for name, value in c.fields()] + [(b"x-name", b"caf\xe9")])
    assert c.response(1) == (200, b"hello")


# §10.5: floods

@case
def requests_given_up(c):
    # As many as nginx accepts on one connection.
    for stream in range(1, 1801, 2):
        c.headers(stream)
        c.send(RstStreamFrame(stream, CANCEL))
    c.serves()


@case
def rapid_reset(c):
    # Until the connection ends, and not a fixed number: the limit is a rate, which a busy machine may stay below.
    deadline = time.monotonic() + 5 * PATIENCE
    for stream in itertools.count(1, 2):
        if c.is_closed or time.monotonic() > deadline:
            break
        c.headers(stream)
        c.send(RstStreamFrame(stream, CANCEL))
    c.refused(CALM, PROTOCOL)


@case
def ping_flood(c):
    c.raw(PingFrame(0, b"12345678").serialize() * 20000)
    c.refused(CALM)


@case
def settings_flood(c):
    c.raw(SettingsFrame(0, {4: 65535}).serialize() * 20000)
    c.refused(CALM)


@case
def priority_flood(c):
    c.raw(PriorityFrame(1).serialize() * 20000)
    c.refused(CALM, PROTOCOL)


@case
def empty_data_flood(c):
    c.headers(1, c.fields(pseudo_method="POST"), flags=("END_HEADERS",))
    c.raw(DataFrame(1, b"").serialize() * 20000)
    c.refused(CALM)


@case
def continuation_flood(c):
    c.headers(1, flags=("END_STREAM",))
    c.raw(ContinuationFrame(1, c.encoder.encode([("x", "a" * 1000)])).serialize() * 1000)
    c.refused(CALM, PROTOCOL, COMPRESSION)


@case
def empty_continuation_flood(c):
    c.headers(1, flags=("END_STREAM",))
    c.raw(ContinuationFrame(1, b"").serialize() * 20000)
    c.refused(CALM, PROTOCOL)


@case
def header_bomb(c):
    # One entry of the dynamic table, referred to ten thousand times.
    c.encoder.header_table_size = 4096
    first = c.encoder.encode([("x", "a" * 4000)])
    again = c.encoder.encode([("x", "a" * 4000)])
    block = c.encoder.encode(c.fields()) + first + again * 10000
    c.send(HeadersFrame(1, block, flags=["END_STREAM", "END_HEADERS"]))
    c.stream_refused(1, COMPRESSION, PROTOCOL, CALM, statuses=(431,))


PORT, HOST = int(sys.argv[1]), sys.argv[2]
failed = 0
for name in sys.argv[3:] or CASES:
    try:
        CASES[name](Connection())
        Connection().serves()
    except AssertionError as problem:
        failed += 1
        print(f"{name}: {problem}", flush=True)
print(f"{len(sys.argv[3:] or CASES)} cases, {failed} failed")
sys.exit(1 if failed else 0)
