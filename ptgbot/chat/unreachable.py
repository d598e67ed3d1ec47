"""Why a server cannot be reached, in words instead of numbers."""

from __future__ import annotations

import os
import re


def why(error: OSError) -> str:
    """Return the system's words for a failure; where several addresses failed, those for the first."""
    number = re.search(r"\[Errno (-?\d+)\]", str(error))
    if not number:
        return str(error)  # of TLS, for example, which has words of its own
    # Numbers below 0 are those of getaddrinfo(3), which the exception itself has words for.
    words = os.strerror(int(number[1])) if int(number[1]) > 0 else f"{error.strerror}"
    return words.lower()
