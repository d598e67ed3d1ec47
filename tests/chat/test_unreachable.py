"""A failure to connect is told in words."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from ptgbot.chat.unreachable import why


@pytest.mark.parametrize("server", ["127.0.0.1", "localhost"])
async def test_refusal_is_told_in_words(server: str) -> None:
    with pytest.raises(OSError, match="Connect call failed") as caught:
        await asyncio.open_connection(server, 1)
    assert why(caught.value) == "connection refused"


async def test_unknown_name_is_told_in_words() -> None:
    with pytest.raises(OSError, match="Errno") as caught:
        await asyncio.open_connection("a.invalid", 1)
    assert "name" in why(caught.value)
    assert "Errno" not in why(caught.value)


def test_words_of_tls_stay_as_they_are() -> None:
    assert why(ssl.SSLError(1, "[SSL] certificate verify failed")) == "[SSL] certificate verify failed"
    assert why(OSError("no number")) == "no number"
