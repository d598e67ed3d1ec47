from __future__ import annotations

import itertools
from pathlib import Path

from ptgbot_matrix import MatrixConfig
from ptgbot_matrix.session.trouble import Trouble


def config() -> MatrixConfig:
    return MatrixConfig(homeserver="https://matrix.example.org", user="@ptgbot:example.org", store=Path("nowhere"))


def test_outage_has_few_tries_and_short_pauses() -> None:
    """At most ten tries in ten seconds and no pause above three seconds for five minutes, whatever chance says."""
    for _ in range(200):
        now = [0.0]
        trouble, tries = Trouble(config(), lambda now=now: now[0]), [0.0]  # type: ignore[misc]
        while now[0] < 400:
            now[0] += trouble.next("away")
            tries.append(now[0])
        assert len([at for at in tries if at < 10]) <= 10
        waits = [later - earlier for earlier, later in itertools.pairwise(tries) if earlier < 300]
        assert max(waits) < 2.5
        assert max(b - a for a, b in itertools.pairwise(tries)) <= 30


def test_outage_after_success_starts_with_short_pauses() -> None:
    now = [0.0]
    trouble = Trouble(config(), lambda: now[0])
    trouble.next("away")
    now[0] = 1000
    assert [trouble.next("away") for _ in range(8)][-1] > 10
    trouble.clear()
    assert trouble.text == ""
    assert trouble.next("away") <= 1.5


def test_outage_begins_with_its_first_error() -> None:
    """Successes before it do not count."""
    trouble = Trouble(config(), lambda: 1000.0)
    trouble.text = "the homeserver asks for a pause"
    assert max(trouble.next("away") for _ in range(20)) <= 2.4
