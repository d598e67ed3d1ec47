"""Fixtures that all tests may use."""

from __future__ import annotations

import sys
from pathlib import Path

# So that tests find what they share (tests.servers); last, so that an installed ptgbot is the one that is tested.
sys.path.append(str(Path(__file__).parent.parent))
# The example feature, where it is not installed.
sys.path.append(str(Path(__file__).parent / "features" / "coffee"))

pytest_plugins = (
    "ptgbot.testing",
    "tests.servers.faulty_matrix",
    "tests.servers.irc_servers",
    "tests.servers.matrix_servers",
    "tests.servers.matrix_encrypted",
    "tests.servers.holding_matrix",
    "tests.servers.running",
    "tests.servers.mixed",
)
