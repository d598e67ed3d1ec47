"""Whoever types ``+forget me`` is gone from the talks with the next count, and is told what stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import attrs

from ptgbot.config import load
from ptgbot.contributions.asking import active_people
from ptgbot.contributions.page_store import FILE
from ptgbot.contributions.snapshots import current_snapshot
from ptgbot.feature import load_features
from ptgbot.service import Service, open_state
from ptgbot.testing import FakeAdapter
from tests.contributions.program import Program
from tests.test_service import Talk, configured, until


async def test_forgotten_talks_leave_the_next_count(tmp_path: Path) -> None:
    program, adapter = Program(tmp_path), FakeAdapter()
    settings = {"stats": load(program.path).features["stats"]}
    config = attrs.evolve(configured(tmp_path, adapter), features=settings)
    features = load_features(settings)
    service = Service(config, await open_state(config, features=features), features=features)
    running = asyncio.create_task(service.run())
    await service.started.wait()
    talk = Talk(service, adapter)
    talk.type("~add nova")
    talk.type("#nova now cells", "Zoltan")
    journal = tmp_path / "ptg.journal.jsonl"
    await until(lambda: journal.exists() and b"cells" in journal.read_bytes(), 60)
    await asyncio.to_thread(program.run, "refresh")
    assert [one.name for one in active_people(program.bulk, "nova") or ()] == ["Zoltan"]
    talk.type("+forget me", "Zoltan")
    assert "whoever runs the site can hide you there" in await talk.answer("Everything about you is removed.")
    await asyncio.to_thread(program.run, "refresh")
    service.stop()
    await running
    assert active_people(program.bulk, "nova") == []
    snapshot = current_snapshot(program.bulk)
    assert snapshot
    for path in (snapshot, program.bulk / "cycles.json"):
        assert b"oltan" not in path.read_bytes(), path
    assert b"Zoltan" not in (program.bulk / FILE).read_bytes()
