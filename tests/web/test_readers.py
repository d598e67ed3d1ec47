"""Addresses of readers: what a reader writes is not believed, what a trusted proxy writes is."""

from __future__ import annotations

import pytest

from ptgbot.serving import is_proxy
from ptgbot.web.readers import Proxies

TRUSTED = Proxies(("127.0.0.1", "10.0.0.0/8", "unix", "2001:db8:ffff::/48"))


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "reader"),
    [
        (Proxies(), "192.0.2.1", [], "192.0.2.1"),
        (Proxies(), "192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        (Proxies(), "127.0.0.1", ["198.51.100.7"], None),
        (Proxies(), "::1", [], None),
        (Proxies(), "", ["198.51.100.7"], None),
        (Proxies(), "2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        (Proxies(), "::ffff:192.0.2.1", [], "192.0.2.1"),
        (TRUSTED, "127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        (TRUSTED, "", ["198.51.100.7"], "198.51.100.7"),
        (TRUSTED, "127.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        (TRUSTED, "127.0.0.1", ["1.1.1.1", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        (TRUSTED, "127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        (TRUSTED, "2001:db8:ffff::1", ["[2001:db8:1:2::9]:80"], "2001:db8:1:2::/64"),
        (TRUSTED, "127.0.0.1", ["nonsense"], None),
        (TRUSTED, "127.0.0.1", [], None),
        (TRUSTED, "127.0.0.1", ["10.9.9.9"], None),
    ],
)
def test_reader_is_the_last_unknown_hop(proxies: Proxies, peer: str, forwarded: list[str], reader: str | None) -> None:
    assert proxies.reader(peer, forwarded) == reader


@pytest.mark.parametrize("entry", ["nginx", "10.0.0.0/33", ""])
def test_proxy_without_an_address_is_none(entry: str) -> None:
    assert not is_proxy(entry)
