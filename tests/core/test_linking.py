"""Accounts of one person on two networks: with inbox, journal and restarts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from ptgbot.chat.inbox import NOT_SAVED
from ptgbot.chat.message import Message, Person, Reply, Role, Room, Tell
from ptgbot.hub import Switchboard
from ptgbot.linking import ALPHABET, LENGTH, LIFETIME, MOST_TRIES, Codes, Identity, without_code
from ptgbot.testing import START, FakeAdapter
from tests.chat.test_inbox import Bot, _full
from tests.plain_bot import close, files

ADA = Person("ada", "Ada", "ada_", "rfc1459")
ADA_M = Person("@ada:hs", "ada", "@ada:hs")
EVE = Person("eve", "Eve", "eve", "rfc1459")
EVE_M = Person("@eve:hs", "eve", "@eve:hs")


@attrs.define
class People:
    """Types lines of people on two networks."""

    bot: Bot
    minutes: float = 0
    number: int = 0

    async def type(self, who: Person, text: str, *, public: str = "", role: Role = Role.ATTENDEE) -> str:
        """Type a line, in private unless a room is given, and return the answer."""
        network = "matrix" if who.key.startswith("@") else "irc"
        self.number += 1
        identifier = f"${self.number}" if network == "matrix" else ""
        room = Room(network, public, public) if public else Room(network, who.nick, who.nick)
        at = START + timedelta(minutes=self.minutes)
        before = len(self.bot.answers)
        self.bot.inbox.put(Message(at, room, who, role, text, not public, identifier))
        await self.bot.work()
        return " ".join(a.text for _, a in self.bot.answers[before:] if isinstance(a, Reply))

    async def code(self, who: Person) -> str:
        """Ask for a code and return it."""
        found = re.search(r"Your code is (\S+)\. ", await self.type(who, "link"))
        assert found
        return found[1]

    async def link(self) -> None:
        """Link Ada's accounts."""
        answer = await self.type(ADA_M, f"+link {await self.code(ADA)}")
        assert answer == (
            "You are now one person: ada_ on irc and @ada:hs on matrix. If that is not you, type +unlink."
        )

    @property
    def tree(self) -> Any:
        return self.bot.tree

    @property
    def links(self) -> Any:
        state: Any = self.bot.service.core.state.committed
        return state["core"]["links"]


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(Bot(tmp_path))
    yield made
    close(made.bot.service)


def on_disk(folder: Path) -> str:
    """Return everything that the bot has written."""
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


async def test_check_in_and_subscription_follow_the_person(people: People) -> None:
    await people.type(ADA, "+in hall")
    await people.type(ADA, "+subscribe quotas")
    await people.link()
    assert [*people.tree["last_check_in"]] == [*people.tree["subscriptions"]] == ["@ada:hs"]
    assert "checked out of hall" in await people.type(ADA_M, "+out")
    assert "quotas" in await people.type(ADA_M, "+subscribe")
    await people.type(ADA, "+in lobby")
    assert people.tree["last_check_in"]["@ada:hs"]["location"] == "lobby"
    assert "ada" not in people.tree["last_check_in"]


async def test_newer_check_in_survives_the_link(people: People) -> None:
    await people.type(ADA_M, "+in old")
    await people.type(ADA_M, "+subscribe kept")
    people.minutes = 1
    await people.type(ADA, "+in new")
    await people.type(ADA, "+subscribe dropped")
    await people.link()
    assert people.tree["last_check_in"]["@ada:hs"]["location"] == "new"
    assert people.tree["subscriptions"]["@ada:hs"] == "kept"


async def test_named_moderator_moderates_on_both_networks(people: People) -> None:
    await people.type(EVE, "~requirevoice", public="#x", role=Role.ADMIN)
    await people.type(EVE, "~moderator add ada_", public="#x", role=Role.ADMIN)
    assert "needs +v" in await people.type(ADA_M, "#nova now a", public="!room")
    await people.link()
    await people.type(ADA_M, "#nova now a", public="!room")
    assert people.tree["now"]["nova"] == "a"
    assert "needs +v" in await people.type(EVE_M, "#nova now b", public="!room")
    await people.type(ADA, "+unlink")
    assert "needs +v" in await people.type(ADA_M, "#nova now c", public="!room")


async def test_message_goes_where_person_typed_last(people: People) -> None:
    await people.link()
    irc, matrix = FakeAdapter("irc"), FakeAdapter("matrix")
    matrix.address = lambda key: key if key.startswith("@") else None  # type: ignore[method-assign]
    core = people.bot.service.core
    hub = Switchboard(
        {"irc": irc, "matrix": matrix}, lambda _: True, lambda: START, lambda _: None, keys_of=core.deciding.keys_of
    )
    said = Message(START, Room("irc", "#x", "#x"), EVE, Role.ATTENDEE, "x")
    for who, reached in ((ADA, irc), (ADA_M, matrix)):
        await people.type(who, "+tracks")
        hub.release(said, [Tell("@ada:hs", "news")])
        assert [one.text for one in reached.sent] == ["news"]
    core.deciding.last.clear()
    hub.release(said, [Tell("@ada:hs", "after a restart")])
    assert matrix.sent[-1].text == "after a restart"


async def test_link_outlives_a_restart(tmp_path: Path) -> None:
    people = People(Bot(tmp_path))
    await people.link()
    assert people.bot.service.core.state.schema == 2
    close(people.bot.service)
    again = People(Bot(tmp_path))
    await again.type(ADA, "+in hall")
    assert [*again.tree["last_check_in"]] == ["@ada:hs"]
    close(again.bot.service)


async def test_undo_and_log_do_not_know_links(people: People) -> None:
    await people.type(ADA, "+in hall", public="#x")
    await people.link()
    linked = people.links
    for line in ("~undo", "~undo", "~log", "~log ada", "~log @ada:hs"):
        answer = await people.type(EVE, line, public="#x", role=Role.ADMIN)
        assert "link" not in answer
    assert people.links == linked


async def test_codes_are_in_no_file_and_no_log(
    people: People, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [await people.code(ADA_M), await people.code(EVE_M)]
    await people.type(ADA, f"link {codes[0].lower()}")
    await people.type(EVE, f"+link {codes[1]}", public="#x")
    wrong = "ABCDE-ABCDE"
    await people.type(EVE, f"!link {wrong}")
    assert people.links
    everything = on_disk(tmp_path) + caplog.text + "".join(capsys.readouterr()) + repr(people.bot.service.core.router)
    for code in (*codes, wrong):
        for shown in (code, code.lower(), code.replace("-", "")):
            assert shown not in everything
    assert "That code was told once." in everything


async def test_repeated_request_for_code_tells_none(people: People) -> None:
    await people.code(ADA_M)
    people.number -= 1
    assert await people.type(ADA_M, "link") == "That code was told once. Type +link to get another one."


async def test_account_without_voucher_is_refused(people: People) -> None:
    guest = attrs.evolve(ADA, account=None)
    assert "no account of yours" in await people.type(guest, "+link")
    assert "no account of yours" in await people.type(guest, f"+link {await people.code(ADA_M)}")
    assert people.links == {}
    await people.link()
    await people.type(guest, "+in bar")  # somebody took the nick
    assert [*people.tree["last_check_in"]] == ["ada"]


async def test_code_counts_once_and_for_ten_minutes(people: People) -> None:
    code = await people.code(ADA)
    people.minutes = LIFETIME / timedelta(minutes=1)
    assert "don't know that code" in await people.type(ADA_M, f"+link {code}")
    code = await people.code(ADA)
    await people.type(ADA_M, f"+link {code}")
    assert "don't know that code" in await people.type(EVE_M, f"+link {code}")
    assert {entry["person"] for entry in people.links.values()} == {"@ada:hs"}


async def test_newer_code_ends_the_former_one(people: People) -> None:
    former, code = await people.code(ADA), await people.code(ADA)
    assert "don't know that code" in await people.type(ADA_M, f"+link {former}")
    assert "one person" in await people.type(ADA_M, f"+link {code}")


async def test_code_typed_in_public_ends(people: People) -> None:
    code = await people.code(ADA)
    assert "Others have read that code" in await people.type(ADA_M, f"+link {code}", public="!room")
    assert "don't know that code" in await people.type(EVE_M, f"+link {code}")
    assert "in a private chat" in await people.type(ADA_M, "+link", public="!room")


async def test_code_on_same_network_ends(people: People) -> None:
    code = await people.code(ADA)
    assert "another network" in await people.type(EVE, f"+link {code}")
    assert "don't know that code" in await people.type(EVE_M, f"+link {code}")


async def test_nobody_gets_into_an_existing_link(people: People) -> None:
    await people.link()
    before = people.links
    eves = await people.code(EVE)
    assert "linked with ada_ on irc already" in await people.type(ADA_M, f"+link {eves}")
    assert "linked with @ada:hs on matrix already" in await people.type(ADA, "+link")
    assert "linked no account" in await people.type(EVE, "+unlink")
    assert people.links == before


async def test_second_link_of_an_asker_is_refused(people: People) -> None:
    """Two codes are open; the first that is typed counts."""
    first, second = await people.code(EVE_M), await people.code(ADA)
    await people.type(ADA_M, f"+link {second}")
    assert "linked with @ada:hs on matrix already" in await people.type(ADA, f"+link {first}")
    code = await people.code(EVE_M)
    links = people.links
    assert await people.type(ADA_M, f"+link {code}")
    assert people.links == links


async def test_wrong_codes_are_counted(people: People) -> None:
    code = await people.code(ADA)
    for _ in range(MOST_TRIES):
        assert "don't know" in await people.type(EVE_M, "+link AAAAA-AAAAA")
    assert "too many codes" in await people.type(EVE_M, f"+link {code}")
    people.minutes += 9
    assert "too many codes" in await people.type(EVE_M, f"+link {code}")
    assert "one person" in await people.type(ADA_M, f"+link {code}")


async def test_codes_asked_for_are_counted(people: People) -> None:
    for _ in range(MOST_TRIES):
        await people.code(ADA)
    assert "many codes" in await people.type(ADA, "+link")
    assert await people.code(EVE)


async def test_unlink_ends_the_link_from_either_side(people: People) -> None:
    for who in (ADA, ADA_M):
        await people.link()
        assert "not linked with" in await people.type(who, "+unlink")
        assert people.links == {}
    await people.type(ADA, "+in bar")
    assert "ada" in people.tree["last_check_in"]


@pytest.mark.parametrize("unlinked", [False, True])
async def test_forget_me_removes_every_key_and_the_link(tmp_path: Path, unlinked: bool) -> None:
    people = People(Bot(tmp_path))
    await people.type(ADA, "+in secret-hall")
    await people.link()
    await people.type(ADA, "+subscribe secret-pattern")
    if unlinked:
        await people.type(ADA, "+unlink")
        await people.type(ADA, "+forget me")
        await people.type(ADA_M, "+forget me")
    else:
        answer = await people.type(ADA, "+forget me")
        assert answer == "Everything about you is removed, with the link to @ada:hs."
    assert people.links == {}
    assert people.tree["last_check_in"] == people.tree["subscriptions"] == {}
    close(people.bot.service)
    everything = on_disk(tmp_path)
    for trace in ("ada_", "@ada:hs", "secret"):
        assert trace not in everything


async def test_failed_write_links_nobody(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    code = await people.code(ADA)
    monkeypatch.setattr(files(people.bot.service).journal, "sync", _full)
    assert await people.type(ADA_M, f"+link {code}") == NOT_SAVED
    monkeypatch.undo()
    await people.type(ADA, "+in bar")
    assert [*people.tree["last_check_in"]] == ["ada"]


async def test_code_needs_a_message_of_its_own(people: People) -> None:
    answer = await people.type(ADA_M, "+in hall\n+link")
    assert "in a message of its own" in answer
    assert "Your code" not in answer


def test_codes_are_long_and_differ() -> None:
    codes = Codes()
    by = [Identity("irc", f"a{number}", f"a{number}", "a") for number in range(500)]
    found = {codes.issue(one, START) for one in by}
    assert len(found) == 500
    assert all(one and set(one.replace("-", "")) <= set(ALPHABET) and len(one) == LENGTH + 1 for one in found)
    assert len(ALPHABET) ** LENGTH > 2**48


@pytest.mark.parametrize(
    ("text", "private", "kept"),
    [
        ("+link AB", False, "+link …"),
        ("link AB CD", True, "link …"),
        ("ptgbot: link AB", False, "ptgbot: link …"),
        ("!LINK: AB", False, "!LINK: …"),
        ("link to the page https://x.org/", False, "link to the page https://x.org/"),
        ("+link", False, "+link"),
        ("#nova now link AB", False, "#nova now link AB"),
    ],
)
def test_only_codes_are_taken_out(text: str, private: bool, kept: str) -> None:
    message = Message(START, Room("irc", "#x", "#x"), ADA, Role.ATTENDEE, text, private)
    assert without_code(message).text == kept
