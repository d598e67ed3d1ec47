"""A running bot: its parts, and the events that they tell each other."""

from __future__ import annotations

from ptgbot.service.looking import look_at_networks
from ptgbot.service.opening import clock, open_state
from ptgbot.service.routing import check_features
from ptgbot.service.service import Service

__all__ = ["Service", "check_features", "clock", "look_at_networks", "open_state"]
