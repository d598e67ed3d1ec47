from __future__ import annotations

import pytest
from attrs import evolve

from ptgbot.chat.casemapping import CaseMapping, casefolded
from ptgbot_irc.isupport import Features

NOTHING = Features()


@pytest.mark.parametrize(
    ("token", "changed"),
    [
        ("CASEMAPPING=ascii", {"casemapping": "ascii"}),
        ("CASEMAPPING=strict-rfc1459", {"casemapping": "rfc1459-strict"}),
        ("CASEMAPPING=rfc7613", {"casemapping": "ascii"}),
        ("PREFIX=(Yqaohv)!~&@%+", {"prefixes": tuple(zip("Yqaohv", "!~&@%+", strict=True))}),
        ("PREFIX=", {"prefixes": ()}),
        ("PREFIX=(ov)@", {}),
        ("CHANTYPES=#", {"chantypes": "#"}),
        ("CHANMODES=beI,k,lH,imnpst,x", {"list_modes": "beI", "parameter_modes": "k", "set_modes": "lH"}),
        ("CHANMODES=b,k", {}),
        ("CHANLIMIT=#&:50,+:", {"chanlimit": {"#&": 50}}),
        ("CHANLIMIT=#:x", {}),
        ("NICKLEN=9", {"nicklen": 9}),
        ("NICKLEN=", {}),
        ("USERLEN=31", {"userlen": 31}),
        ("USERLEN=", {}),
        ("LINELEN=2048", {"linelen": 512}),
        ("TARGMAX=PRIVMSG:4,JOIN:7,KICK:", {"join_targets": 7}),
        ("TARGMAX=JOIN:", {}),
        ("NETWORK=Test\\x20Net", {"network": "Test Net"}),
        ("BOT=B", {"bot_mode": "B"}),
        ("SAFELIST", {}),
        ("-EXCEPTS", {}),
    ],
)
def test_tokens_are_read_and_malformed_ones_ignored(token: str, changed: dict[str, object]) -> None:
    assert NOTHING.with_tokens([token]) == evolve(NOTHING, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mapping", "one", "other", "same"),
    [
        ("ascii", "ADA", "ada", True),
        ("ascii", "a[]", "a{}", False),
        ("rfc1459", "a[]\\~", "A{}|^", True),
        ("rfc1459-strict", "a[]\\", "A{}|", True),
        ("rfc1459-strict", "~", "^", False),
        ("rfc1459", "É", "é", False),
    ],
)
def test_names_fold_as_the_network_says(mapping: CaseMapping, one: str, other: str, same: bool) -> None:
    assert (casefolded(one, mapping) == casefolded(other, mapping)) is same


@pytest.mark.parametrize(
    ("target", "channel"),
    [
        ("#c", "#c"),
        ("@#c", "#c"),
        ("+#c", "#c"),
        ("@+#c", "#c"),
        ("ada", None),
        ("", None),
        ("@", None),
        ("&l", "&l"),
    ],
)
def test_statusmsg_target_belongs_to_its_channel(target: str, channel: str | None) -> None:
    assert NOTHING.channel_of(target) == channel
