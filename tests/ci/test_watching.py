from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.chat.message import Person, Reach
from ptgbot.ci import FEATURE, watching
from ptgbot.testing import Chat
from tests.ci.happenings import HOUR, SETTINGS, T
from tests.ci.test_answers import EVENTS, stored, typed


@pytest.fixture
def chat() -> Chat:
    return Chat([FEATURE], {"ci": SETTINGS}, datetime.fromtimestamp(T + 10 * HOUR, UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return stored(tmp_path, EVENTS)


def test_watched_ci_and_project_are_listed(chat: Chat, folder: Path) -> None:
    assert typed(chat, folder, "+ci watch ACME CI") == [
        "I tell you in private when acme is silent or fails again and again, and when it is back."
    ]
    assert Reach() in chat.answers
    assert typed(chat, folder, "+ci watch nova") == [
        "I tell you in private when upstream of openstack/nova is in trouble, and when that is over."
    ]
    assert chat("+ci watch") == [
        "You watch acme and openstack/nova. +ci unwatch NAME drops one, +ci unwatch all of them."
    ]
    assert chat("+ci watch", "noa") == ["You watch nothing. +ci watch NAME of a CI, or a PROJECT, does that."]


def test_unwatch_drops_one_or_all(chat: Chat, folder: Path) -> None:
    for name in ("acme", "zuul", "nova"):
        typed(chat, folder, f"+ci watch {name}")
    assert chat("+ci unwatch acme") == ["I tell you no more of acme. You still watch zuul and openstack/nova."]
    assert chat("+ci unwatch acme") == ["You do not watch acme; you watch zuul and openstack/nova."]
    assert chat("+ci unwatch") == ["I tell you no more of zuul and openstack/nova."]
    assert chat("+ci unwatch") == ["You watch nothing. +ci watch NAME of a CI, or a PROJECT, does that."]
    assert chat.tree["watch"] == {}


def test_unknown_name_is_not_watched(chat: Chat, folder: Path) -> None:
    assert typed(chat, folder, "+ci watch acne") == [
        "There is no project and no CI named acne. Did you mean acme?"
    ]
    assert chat.tree["watch"] == {}


def test_watching_twice_changes_nothing(chat: Chat, folder: Path) -> None:
    typed(chat, folder, "+ci watch acme")
    assert typed(chat, folder, "+ci watch acme") == ["You watch acme already. +ci unwatch acme ends that."]


def test_watches_have_limits(chat: Chat, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_EACH", 1)
    monkeypatch.setattr(watching, "MOST_PEOPLE", 1)
    typed(chat, folder, "+ci watch acme")
    assert typed(chat, folder, "+ci watch zuul") == [
        "You watch 1 CIs and projects; that is the most. +ci unwatch NAME drops one."
    ]
    assert typed(chat, folder, "+ci watch acme", "noa") == ["Too many people watch already."]


def test_person_behind_a_relay_cannot_watch(chat: Chat, folder: Path) -> None:
    relayed = Person("<relay>mira", "mira", bridged=True)
    assert typed(chat, folder, "+ci watch acme", relayed) == [
        "No private message reaches you over this bridge, so I can't tell you of CIs."
    ]


def test_undo_ends_a_watch(chat: Chat, folder: Path) -> None:
    typed(chat, folder, "+ci watch acme")
    chat.op("~undo")
    assert chat.tree["watch"] == {}
