"""Why a server cannot be reached, in words instead of numbers."""

from __future__ import annotations

import os
import re
import socket
import ssl


def why(error: OSError) -> str:
    """Return the system's words for a failure; where several addresses failed, those for the first."""
    if isinstance(error, ssl.SSLError):
        return str(error)
    if isinstance(error, socket.gaierror):
        return f"{error.strerror}".lower()
    number = re.search(r"\[Errno (\d+)\]", str(error))
    return os.strerror(int(number[1])).lower() if number else str(error)
