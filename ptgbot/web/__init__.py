"""What a browser talks to: pages of the current release, the state as JSON, live events, health."""

from __future__ import annotations

from ptgbot.web.server import WebServer

__all__ = ["WebServer"]
