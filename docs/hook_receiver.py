"""A receiver of web hooks: ``python hook_receiver.py PORT SECRET``. Prints each delivery once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, tolerance: float = 300) -> bool:
    """Say whether a request comes from the owner of the secret, and was sent at most ``tolerance`` seconds ago."""
    delivery, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent.isdecimal() or abs(time.time() - int(sent)) > tolerance:
        return False
    signed = f"{delivery}.{sent}.".encode() + body
    wanted = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(one, "v1," + base64.b64encode(wanted).decode()) for one in given)


def serve(port: int, secret: str) -> HTTPServer:
    """Return a server that prints the body of each genuine delivery, the first time that it comes."""
    seen: set[str] = set()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            genuine = is_genuine(secret, dict(self.headers.items()), body)
            if genuine and self.headers["webhook-id"] not in seen:
                seen.add(self.headers["webhook-id"])
                sys.stdout.write(body.decode() + "\n")
            self.send_response(204 if genuine else 403)
            self.end_headers()

    return HTTPServer(("127.0.0.1", port), Receiver)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2]).serve_forever()
