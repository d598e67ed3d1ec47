"""The web server: pages of the current release, the state as JSON, live events, health."""

from __future__ import annotations

from ptgbot.web.routes import Routes, RouteTaken
from ptgbot.web.server import WebServer

__all__ = ["RouteTaken", "Routes", "WebServer"]
