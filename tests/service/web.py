# SPDX-License-Identifier: MIT
"""HTTP/1.1 on raw sockets: what a reply is, and when it goes, is ours."""

import math
import selectors
import socket
import struct
import time
from email.utils import formatdate
from http import HTTPStatus

LIMIT = 64 * 1024 * 1024


class Request:
    def __init__(self, number, connection, method, target, headers, body):
        self.number = number
        self.connection = connection
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body


class Connection:
    """One client; its requests are answered one after the other."""

    def __init__(self, server, peer):
        self.server = server
        self.socket = peer
        self.received = bytearray()
        self.to_send = bytearray()
        self.requests = 0
        self.replies = 0
        self.busy = False
        self.parsing = False
        self.controls = False
        self.continued = False
        self.closing = False
        self.closed = False
        self.used = server.clock.steady()
        self.on_close = []

    # --- what comes in ---

    def readable(self):
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.used = self.server.clock.steady()
        self.received += data
        self.parse()

    def parse(self):
        if self.parsing:
            return
        self.parsing = True
        try:
            self._parse()
        finally:
            self.parsing = False

    def _parse(self):
        while not self.busy and not self.closed and not self.closing:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = self.received[:end].decode("latin-1").split("\r\n")
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            parts = lines[0].split(" ")
            length = headers.get("content-length", "0")
            if len(parts) != 3 or not length.isdigit() or \
                    int(length) > LIMIT or "transfer-encoding" in headers:
                self.closing = True
                self.reply(400, {"Connection": "close"}, b"")
                return
            size = end + 4 + int(length)
            if len(self.received) < size:
                self._continue(headers)
                return
            body = bytes(self.received[end + 4:size])
            del self.received[:size]
            self.continued = False
            self._take(parts[0], parts[1], headers, body)

    def _continue(self, headers):
        if headers.get("expect", "").lower() == "100-continue" and \
                not self.continued:
            self.continued = True
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _take(self, method, target, headers, body):
        self.requests += 1
        self.server.count += 1
        self.busy = True
        if headers.get("connection", "").lower() == "close":
            self.closing = True
        self.server.handle(Request(
            self.server.count, self, method, target, headers, body))

    # --- what goes out ---

    def reply(self, status, headers, body, cut_after=None, flip=None):
        """A whole reply, or its first bytes and the end of the connection; one
        bit of it may be turned over."""
        if self.closed:
            return
        try:
            reason = HTTPStatus(status).phrase
        except ValueError:
            reason = "Unknown"
        head = [f"HTTP/1.1 {status} {reason}",
                f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        data = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body
        if flip is not None:
            data = bytearray(data)
            data[flip // 8 % len(data)] ^= 1 << flip % 8
        self.replies += 1
        most = 0 if self.controls else self.server.requests_per_connection()
        if cut_after is not None or most and self.replies >= most:
            self.closing = True
        self.send(data if cut_after is None else data[:cut_after])
        self.busy = False
        if not self.closing:
            self.parse()

    def send(self, data):
        self.to_send += data
        self.flush()

    def flush(self):
        while self.to_send and not self.closed:
            try:
                sent = self.socket.send(self.to_send)
            except BlockingIOError:
                self.server.watch(self, True)
                return
            except OSError:
                self.close()
                return
            del self.to_send[:sent]
        if self.closed:
            return
        self.server.watch(self, False)
        if self.closing:
            self.close()

    def close(self, reset=False):
        if self.closed:
            return
        self.closed = True
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.server.forget(self)
        self.socket.close()
        for call in self.on_close:
            call()


class Server:
    """Listens on the loopback, and does what is due in between."""

    def __init__(self, clock, switches, port=0):
        self.clock = clock
        self.switches = switches
        self.handle = None
        self.count = 0
        self.going = True
        self.until = math.inf
        self.connections = set()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(
            ("127.0.0.1", port), backlog=1024)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def requests_per_connection(self):
        return self.switches.requests_per_connection

    def watch_input(self, file, call):
        """Calls when the file can be read."""
        self.selector.register(file, selectors.EVENT_READ, call)

    def watch(self, connection, writing):
        events = selectors.EVENT_READ | (
            selectors.EVENT_WRITE if writing else 0)
        if self.selector.get_key(connection.socket).events != events:
            self.selector.modify(connection.socket, events, connection)

    def forget(self, connection):
        self.selector.unregister(connection.socket)
        self.connections.discard(connection)

    def date(self):
        return formatdate(self.clock.unix(), usegmt=True)

    def _accept(self):
        try:
            peer, _ = self.listener.accept()
        except OSError:
            return
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self, peer)
        self.connections.add(connection)
        self.selector.register(peer, selectors.EVENT_READ, connection)

    def _close_idle(self):
        idle = self.switches.idle
        now = self.clock.steady()
        for connection in list(self.connections):
            if not connection.busy and not connection.controls and \
                    now - connection.used >= idle:
                connection.close()

    def _wait(self):
        """Does what is due; the seconds until something else is."""
        wait = min(self.clock.run_due(), self.until - time.monotonic())
        return max(0, wait) if self.going else 0

    def run(self):
        while self.going and time.monotonic() < self.until:
            wait = self._wait()
            if self.switches.idle:
                self._close_idle()
                wait = min(wait, 0.05)
            for key, events in self.selector.select(wait):
                if key.fileobj is self.listener:
                    self._accept()
                elif isinstance(key.data, Connection):
                    self._serve(key.data, events)
                else:
                    key.data()
        for connection in list(self.connections):
            connection.close()
        self.listener.close()

    @staticmethod
    def _serve(connection, events):
        if events & selectors.EVENT_WRITE and not connection.closed:
            connection.flush()
        if events & selectors.EVENT_READ and not connection.closed:
            connection.readable()
