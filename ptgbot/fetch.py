"""Fetches documents for commands over http(s): bounded, and from private addresses only if allowed."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from ptgbot.chat.commands import Fetch, Fetched
from ptgbot.config import FetchConfig
from ptgbot.store.export import Unreadable

_REDIRECTS = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """A document may not be fetched, or could not be. The message is for the person who asked for it."""


def is_public(address: str) -> bool:
    """Say whether an IP address is globally reachable, by the registries of RFC 6890.

    Addresses that embed another one count as the embedded one: IPv4-mapped (RFC 4291 section 2.5.5.2), 6to4 (RFC 3056),
    Teredo (RFC 4380) and NAT64 (RFC 6052).

    Raises:
        ValueError: the text is not an IP address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


async def fetch(wanted: Fetch, config: FetchConfig) -> Fetched:
    """Fetch and parse a document. Any failure becomes the sentence in :attr:`Fetched.error`."""
    try:
        async with asyncio.timeout(config.timeout):
            body = await _follow(wanted.url, config)
        return Fetched(value=await asyncio.to_thread(wanted.read, body))
    except Refused as error:
        return Fetched(error=str(error))
    except Unreadable as error:
        return Fetched(error=str(error))
    except TimeoutError:
        return Fetched(error=f"it took longer than {config.timeout:g} seconds.")
    except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
        return Fetched(error=f"{_reason(error)}.")


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Refused):
            return str(cause).rstrip(".")
        cause = cause.__cause__ or cause.__context__
    return (str(error) or type(error).__name__).rstrip(".")


async def _follow(url: str, config: FetchConfig) -> bytes:
    for _ in range(config.max_redirects + 1):
        body, onward = await _once(url, config)
        if onward is None:
            return body
        url = urljoin(url, onward)
    raise Refused(f"it redirects more than {config.max_redirects} times.")


async def _once(url: str, config: FetchConfig) -> tuple[bytes, str | None]:
    """Return the body of one response, and its ``Location`` if the server redirects.

    Raises:
        Refused: the address is not allowed, or the response is an error or too large.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("only http:// and https:// addresses can be loaded.")
    allowed = parts.hostname.lower() in (host.lower() for host in config.allow)
    if not allowed and not config.public:
        raise Refused(f"{parts.hostname} is not in the list of hosts that may be loaded from ([fetch] allow).")

    def checked_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allowed and not is_public(address[0]):
            raise Refused(
                f"{parts.hostname} is an address inside this network; an operator may allow it ([fetch] allow)."
            )
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(socket_factory=checked_socket, force_close=True, use_dns_cache=False)
    async with (
        aiohttp.ClientSession(connector=connector, trust_env=False, auto_decompress=False) as session,
        session.get(url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as response,
    ):
        if response.status in _REDIRECTS and "Location" in response.headers:
            return b"", response.headers["Location"]
        if response.status != 200:
            raise Refused(f"the server answered {response.status}.")
        return await _bounded(response, config.max_bytes), None


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(65536):
        size += len(chunk)
        if size > limit:
            raise Refused(f"it has more than {limit} bytes.")
        parts.append(chunk)
    return b"".join(parts)
