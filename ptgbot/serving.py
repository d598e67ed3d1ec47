"""What the web server can be told by the configuration: forms of addresses, and limits on readers."""

from __future__ import annotations

import ipaddress

UNIX = "unix"
"""Stands for the other side of a Unix socket in the list of trusted proxies."""
UNIX_SOCKET = "unix:"
"""Begins the address of a Unix socket; the path follows."""
MOST_STREAMS = 5000
"""Most open event streams; further pages poll instead."""
MOST_FROM_ONE = 500
"""Most open event streams from one address. A venue may have one address for everybody; those beyond it poll."""


def is_address(text: str) -> bool:
    """Return whether a text is an address and a port, or ``unix:`` and an absolute path."""
    if text.startswith(UNIX_SOCKET):
        return text.removeprefix(UNIX_SOCKET).startswith("/")
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and int(port) < 65536


def is_proxy(text: str) -> bool:
    """Return whether a text is an address, a network, or ``unix``."""
    try:
        return text == UNIX or bool(ipaddress.ip_network(text))
    except ValueError:
        return False
