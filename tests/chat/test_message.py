"""What people are and what they type."""

from __future__ import annotations

from ptgbot.chat.message import Role


def test_roles_are_ordered_by_their_rights() -> None:
    assert Role.ATTENDEE < Role.MODERATOR < Role.ADMIN
