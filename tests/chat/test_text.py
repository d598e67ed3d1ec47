from __future__ import annotations

from ptgbot.chat.text import wildcards


def test_a_star_stands_for_anything_and_nothing_else_does() -> None:
    ghosts = wildcards(("@irc_*:example.org", "@bridge:example.org", "*[m]"))
    assert ghosts.fullmatch("@irc_ada[m]:example.org")
    assert ghosts.fullmatch("@Bridge:example.org")
    assert ghosts.fullmatch("ada[m]")
    assert not ghosts.fullmatch("adam")
    assert not ghosts.fullmatch("@irc_ada:example.com")
    assert not ghosts.fullmatch("@xbridge:example.org")
    assert not wildcards(()).fullmatch("")
