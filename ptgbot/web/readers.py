"""Addresses of readers, also behind proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from attrs import field, frozen

from ptgbot.serving import UNIX

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ONE_SITE = 64
"""Bits of an IPv6 address that one reader cannot choose (RFC 4291 section 2.5.4)."""


@frozen
class Proxies:
    """Trusted proxies. Only what they say of a reader's address is believed."""

    names: Sequence[str] = ()
    """Addresses, networks and :data:`~ptgbot.serving.UNIX`."""
    _networks: Sequence[Network] = field(init=False)

    @_networks.default
    def _parsed(self) -> Sequence[Network]:
        return [ipaddress.ip_network(name) for name in self.names if name != UNIX]

    def reader(self, peer: str, forwarded: Sequence[str]) -> str | None:
        """Return the address by which a reader is counted, None if it is unknown.

        A connection from this machine that no trusted proxy explains is unknown: it may be a proxy for everybody.

        Args:
            peer: address of the other side of the connection, empty for a Unix socket.
            forwarded: fields ``X-Forwarded-For`` of the request; each proxy adds an address at the end.
        """
        hops = [hop.strip() for field_ in forwarded for hop in field_.split(",")]
        current = peer or UNIX
        while hops and self._trusts(current):
            current = hops.pop()
        address = _address(current)
        if address is None or address.is_loopback or self._trusts(current):
            return None
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, _ONE_SITE), strict=False))
        return str(address)

    def _trusts(self, name: str) -> bool:
        if name == UNIX:
            return UNIX in self.names
        address = _address(name)
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    """Return the address in a field of a proxy, which may have a port; None if there is none."""
    inner = text[1:].partition("]")[0] if text.startswith("[") else text
    if inner.count(":") == 1:
        inner = inner.partition(":")[0]
    try:
        address = ipaddress.ip_address(inner.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
