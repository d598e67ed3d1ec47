"""Files with keys are for the owner of the process only, whatever the umask and however they came."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ptgbot_matrix import MatrixConfig
from ptgbot_matrix.secretfile import keep_private
from ptgbot_matrix.session.client import key_database, make_client
from ptgbot_matrix.session.login import LoginFlow, SessionFile
from ptgbot_matrix.session.wire import Wire
from tests.servers.faulty_matrix import USER, FaultyHomeserver


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Run with a umask that hides nothing."""
    former = os.umask(0)
    yield
    os.umask(former)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_key_database_is_private_from_the_start(
    faulty_matrix: FaultyHomeserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("vodozemac")
    monkeypatch.setenv("MATRIX_PASSWORD", "pw")
    (tmp_path / "store").mkdir(mode=0o755)  # by an operator, before the first start
    config = MatrixConfig(
        homeserver=faulty_matrix.url, user=USER, password_env="MATRIX_PASSWORD", store=tmp_path / "store"
    )
    for _start in ("first", "after an earlier version"):
        wire = Wire(make_client(config), 5.0)
        session = await LoginFlow(config, wire, SessionFile(config.store / "session.json"), lambda _text: None).open()
        await wire.close()
        database = key_database(config, session.user, session.device)
        assert database.stat().st_size > 0
        assert {path.name: mode(path) for path in config.store.iterdir()} == {
            "session.json": 0o600,
            database.name: 0o600,
        }
        database.chmod(0o644)


def test_private_file_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    path.write_bytes(b"keys")
    path.chmod(0o666)
    keep_private(path)
    assert (path.read_bytes(), mode(path)) == (b"keys", 0o600)
