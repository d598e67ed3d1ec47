"""A database without facts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import COLUMNS


@pytest.fixture(scope="session")
def prepared() -> Iterator[Duck]:
    """Make the tables and views once, which takes longer than most questions."""
    engine = Duck()
    engine.prepare()
    yield engine
    engine.close()


@pytest.fixture
def engine(prepared: Duck) -> Iterator[Duck]:
    """Return a database in memory whose tables are empty."""
    yield prepared
    for table in COLUMNS:
        prepared.remove(table)
