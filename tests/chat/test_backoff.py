from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.backoff import Backoff


def test_first_try_is_immediate_and_pauses_grow() -> None:
    backoff = Backoff(1, 25, chance=lambda: 1.0)
    assert [backoff.next() for _ in range(8)] == [0, 1, 2, 4, 8, 16, 25, 25]
    backoff.reset()
    assert backoff.next() == 0


@given(st.integers(min_value=1, max_value=2000), st.floats(min_value=0, max_value=1))
def test_no_wait_is_longer_than_the_limit(tries: int, chance: float) -> None:
    backoff = Backoff(1, 25, chance=lambda: chance)
    assert all(0 <= backoff.next() <= 25 for _ in range(tries))
