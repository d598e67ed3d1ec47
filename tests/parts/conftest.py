"""Failures are logged with every local variable, which takes long and says nothing here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the log out of the terminal."""
    with structlog.testing.capture_logs():
        yield
