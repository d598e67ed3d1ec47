"""The state from an address: with a time-out, a limit, a cache, and a file to fall back to."""

from __future__ import annotations

import hashlib
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from attrs import frozen
from sphinx.util import logging

log = logging.getLogger(__name__)

_CHUNK = 65536


class TooLargeError(ValueError):
    """The document exceeds the largest number of bytes."""


class _NoOtherScheme(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        if not newurl.startswith(("http://", "https://")):
            raise urllib.error.URLError(f"it leads to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@frozen
class Remote:
    """A document at an address. ``timeout`` and ``max_age`` are in seconds, ``most`` in bytes."""

    url: str
    kept: Path
    """Folder where it is remembered between builds."""
    timeout: float
    most: int
    max_age: float

    def read(self, fallback: Path | None) -> bytes:
        """Return the document from a fresh cache, the address, an old cache or the fallback.

        They are tried in this order.

        Raises:
            OSError: the document cannot be loaded, and there is neither a cache nor a fallback.
        """
        memory = self.kept / f"ptg-state-{hashlib.sha256(self.url.encode()).hexdigest()[:16]}.json"
        if memory.exists() and time.time() - memory.stat().st_mtime < self.max_age:
            return memory.read_bytes()
        try:
            content = self._load()
        except (OSError, ValueError) as error:
            known = memory if memory.exists() else fallback
            if known is None:
                raise OSError(f"{self.url} can't be loaded: {error}") from error
            log.warning("%s can't be loaded, %s is shown instead: %s", self.url, known.name, error, type="ptg")
            return known.read_bytes()
        memory.parent.mkdir(parents=True, exist_ok=True)
        part = memory.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(memory)
        return content

    def _load(self) -> bytes:
        ends = time.monotonic() + self.timeout
        opener = urllib.request.build_opener(_NoOtherScheme)
        found = bytearray()
        with opener.open(self.url, timeout=self.timeout) as answer:
            while chunk := answer.read1(_CHUNK):
                found += chunk
                if len(found) > self.most:
                    raise TooLargeError(f"it has more than {self.most} bytes")
                if time.monotonic() > ends:
                    raise TimeoutError(f"it took longer than {self.timeout:g} s")
        return bytes(found)
