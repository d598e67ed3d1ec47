from __future__ import annotations

import pytest

from ptgbot.testing import Chat
from tests.gathering.sample import load


@pytest.fixture
def event(chat: Chat) -> Chat:
    """A chat that begins with the sample gathering, on its Monday at 10:05 Berlin time."""
    return load(chat)
