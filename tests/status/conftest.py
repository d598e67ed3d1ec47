"""What tests of the status on real servers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.programs import Program


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """Programs that a test has started; they are killed afterwards."""
    started: list[Program] = []
    yield started
    for program in started:
        program.kill()
