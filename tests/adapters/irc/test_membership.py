"""Rights are read off the server's lines, in their order."""

from __future__ import annotations

import pytest

from ptgbot.chat.message import Role
from ptgbot_irc.isupport import Features
from ptgbot_irc.line import parse
from ptgbot_irc.membership import Membership

ADMIN, MODERATOR, ATTENDEE = Role.ADMIN, Role.MODERATOR, Role.ATTENDEE
TOKENS = ("PREFIX=(Yqaohv)!~&@%+", "CHANMODES=beI,k,l,imnpst", "CASEMAPPING=rfc1459")
HELLO = (
    ":bot!b@h JOIN #c",
    ":irc.test 353 bot = #c :bot @ada +grace joan",
    ":irc.test 366 bot #c :End",
)


def after(*lines: str) -> Membership:
    members = Membership(Features().with_tokens(TOKENS))
    for line in lines:
        members.take(parse(line.encode()), "bot")
    return members


def role(nick: str, *lines: str) -> Role:
    return after(*HELLO, *lines).role("#C", nick)


def test_names_reply_gives_rights() -> None:
    members = after(*HELLO)
    assert [members.role("#c", nick) for nick in ("ada", "grace", "joan", "nobody")] == [
        ADMIN,
        MODERATOR,
        ATTENDEE,
        ATTENDEE,
    ]


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ("!", ADMIN),
        ("~", ADMIN),
        ("&", ADMIN),
        ("@", ADMIN),
        ("%", MODERATOR),
        ("+", MODERATOR),
        ("", ATTENDEE),
    ],
)
def test_status_above_operator_is_admin(sign: str, expected: Role) -> None:
    lines = (f":irc.test 353 bot = #c :bot {sign}eve", ":irc.test 366 bot #c :End")
    assert role("eve", *lines) is expected


def test_modes_give_and_take_rights() -> None:
    assert role("joan", ":ada!a@h MODE #c +o joan") is ADMIN
    assert role("joan", ":ada!a@h MODE #c +o joan", ":ada!a@h MODE #c -o joan") is ATTENDEE
    assert role("ada", ":x!x@h MODE #c -o ada") is ATTENDEE
    assert role("joan", ":ada!a@h MODE #c +vo joan joan", ":ada!a@h MODE #c -o joan") is MODERATOR


def test_parameters_of_other_modes_are_counted() -> None:
    assert role("joan", ":ada!a@h MODE #c +bklo *!*@evil key 5 joan") is ADMIN
    assert role("joan", ":ada!a@h MODE #c -kl+o key joan") is ADMIN
    assert role("key", ":ada!a@h MODE #c +ok joan key") is ATTENDEE
    assert role("joan", ":ada!a@h MODE #c +imo joan") is ADMIN


def test_second_names_reply_replaces_the_first() -> None:
    again = (
        ":irc.test 353 bot = #c :bot @ada",
        ":irc.test 353 bot = #c :grace joan",
        ":irc.test 366 bot #c :End",
    )
    assert role("ada", *again, ":x!x@h MODE #c -o ada") is ATTENDEE
    assert role("grace", *again) is ATTENDEE


def test_change_within_a_names_reply_counts() -> None:
    lines = (
        ":irc.test 353 bot = #c :bot @ada joan",
        ":ada!a@h MODE #c -o ada",
        ":ada!a@h MODE #c +o joan",
        ":irc.test 366 bot #c :End",
    )
    assert role("ada", *lines) is ATTENDEE
    assert role("joan", *lines) is ADMIN


def test_names_may_carry_several_signs_and_hosts() -> None:
    lines = (":irc.test 353 bot = #c :bot!b@h @+eve!e@h", ":irc.test 366 bot #c :End")
    assert role("eve", *lines) is ADMIN
    assert role("eve", *lines, ":x!x@h MODE #c -o eve") is MODERATOR


@pytest.mark.parametrize(
    "leaving",
    [
        ":ada!a@h PART #c :bye",
        ":ada!a@h QUIT :a.test b.test",
        ":x!x@h KICK #c ada :out",
        ":ada!a@h NICK other",
    ],
)
def test_taken_nick_inherits_no_rights(leaving: str) -> None:
    assert role("ada", leaving) is ATTENDEE
    assert role("ada", leaving, ":ada!evil@x JOIN #c") is ATTENDEE


def test_after_netsplit_rights_come_only_from_server() -> None:
    split = (":ada!a@h QUIT :hub.test leaf.test", ":grace!g@h QUIT :hub.test leaf.test", ":ada!a@h JOIN #c")
    assert role("ada", *split) is ATTENDEE
    assert role("ada", *split, ":hub.test MODE #c +o ada") is ADMIN
    assert role("grace", *split, ":hub.test MODE #c +v grace", ":grace!evil@x JOIN #c") is ATTENDEE


def test_rights_go_with_a_nick_change() -> None:
    assert role("countess", ":ada!a@h NICK countess") is ADMIN


def test_names_are_compared_as_the_network_does() -> None:
    lines = (":j!j@h JOIN #c", ":j!j@h NICK a[b]", ":ada!a@h MODE #C +o A{B}")
    assert role("a{B}", *lines) is ADMIN


def test_mode_for_an_absent_nick_grants_nothing() -> None:
    assert role("eve", ":ada!a@h MODE #c +o eve", ":eve!e@h JOIN #c") is ATTENDEE


@pytest.mark.parametrize("leaving", [":bot!b@h PART #c", ":x!x@h KICK #c bot :out"])
def test_a_channel_we_left_is_forgotten(leaving: str) -> None:
    assert "#c" not in after(*HELLO, leaving)
    assert role("ada", leaving) is ATTENDEE


def test_own_rejoin_clears_former_rights() -> None:
    assert role("ada", ":bot!b@h JOIN #c") is ATTENDEE


def test_extended_join_and_malformed_lines_are_handled() -> None:
    odd = (
        "MODE #c",
        ":x MODE",
        "JOIN",
        ":s 353 bot = #c",
        ":s 366",
        "KICK #c",
        ":x!x@h MODE #c +o",
        "NICK",
        "PART",
    )
    assert role("ada", ":eve!e@h JOIN #c account :Eve", *odd) is ADMIN


def test_a_new_nick_keeps_its_spelling() -> None:
    channel = after(*HELLO, ":ada!a@h NICK Countess").channel("#c")
    assert channel
    assert (channel.members["countess"].nick, channel.members["countess"].modes) == ("Countess", {"o"})


@pytest.mark.parametrize(
    ("lines", "topic"),
    [
        ((":bot!b@h JOIN #c",), None),
        (HELLO, ""),
        ((":bot!b@h JOIN #c", ":irc.test 332 bot #c :cells", *HELLO[1:]), "cells"),
        ((*HELLO, ":ada!a@h TOPIC #c :cells", ":irc.test 331 bot #c :No topic is set"), ""),
        ((*HELLO, ":ada!a@h TOPIC #c :cells", ":bot!b@h PART #c", ":bot!b@h JOIN #c"), None),
    ],
)
def test_topic_is_last_one_told_since_joining(lines: tuple[str, ...], topic: str | None) -> None:
    channel = after(*lines).channel("#c")
    assert channel
    assert channel.topic == topic
