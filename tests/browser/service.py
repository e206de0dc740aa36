# SPDX-License-Identifier: MIT
"""A server whose replies are bytes, for what a sandbox never sends."""

import contextlib
import gzip
import json
import socket
import struct
import threading


def reply(head, body=b"", length=None):
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {size}"
    return head.encode("latin-1") + b"\r\n\r\n" + body


LIST = json.dumps([{"number": n} for n in range(20000)]).encode()
JSON = "200 OK\r\nContent-Type: application/json"

REPLIES = {
    "/binary": reply("200 OK\r\nContent-Type: image/png", b"\x89PNG\x00\xff"),
    "/latin": reply(
        "400 Pas trouv\xe9\r\nContent-Type: text/plain; charset=iso-8859-1",
        b"Caf\xe9!",
    ),
    "/empty": reply("200 OK"),
    "/moved": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    + reply("302 Found\r\nLocation: https://elsewhere.example/"),
    "/half": reply(JSON, b'{"half":', 600),
    "/gzip": reply(f"{JSON}\r\nContent-Encoding: gzip", gzip.compress(LIST)),
    "/reset": None,
}


class Service:
    """Serves REPLIES on a free port, each on a connection of its own."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(20)
                self._answer(connection)

    @staticmethod
    def _answer(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        data = REPLIES[request.split(b" ")[1].decode()]
        if data is not None:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # until the client has closed it
            return
        at_once = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
