"""Who may tell everybody: people by the accounts that servers vouch for, never by nicks."""

from __future__ import annotations

from collections.abc import Iterable

from ptgbot.chat.casemapping import casefolded, known
from ptgbot.chat.commands import Call
from ptgbot.chat.groups import ALL, Group
from ptgbot.chat.message import Message
from ptgbot.chat.text import fold
from ptgbot.status.settings import StatusSettings


def is_trusted(settings: StatusSettings, message: Message, group: str = ALL) -> bool:
    """Say whether the sender of a message may tell a group of rooms."""
    if _has(message, settings.trusted):
        return True
    return any(fold(group) in map(fold, one.groups) and _has(message, one.accounts) for one in settings.trust)


def is_trusted_anywhere(settings: StatusSettings, message: Message) -> bool:
    """Say whether the sender of a message may tell any group of rooms."""
    return _has(message, settings.trusted) or any(_has(message, one.accounts) for one in settings.trust)


def refusal(call: Call[StatusSettings], group: str = ALL) -> str | None:
    """Return a sentence that says why the sender may not tell a group of rooms, None if they may."""
    if is_trusted(call.settings, call.message, group):
        return None
    if not call.message.person.accounts:
        return (
            "#status is for trusted people, whom I know by their accounts, and the server tells me no account of "
            "yours. Log in, for example with NickServ, and type it again."
        )
    where = "all rooms" if fold(group) == ALL else f"@{group}"
    return f"#status for {where} is for trusted people, and your account is not on their list. Nothing was changed."


def may_see(call: Call[StatusSettings], group: Group | None) -> bool:
    """Say whether what was said to a group may be told where a command was typed.

    That of a group which is not public may be told in its own rooms, and in private to people trusted with it.
    """
    if group is None:
        return False
    if group.public:
        return True
    if call.message.private:
        return is_trusted(call.settings, call.message, group.name)
    room = call.message.room
    names = {fold(room.name), fold(room.id)}
    return any(one.network == room.network and fold(one.room) in names for one in group.rooms)


def _has(message: Message, accounts: Iterable[str]) -> bool:
    return any(_is(message, one) for one in accounts)


def _is(message: Message, wanted: str) -> bool:
    """Say whether a message comes from an account: a Matrix id, or ``NETWORK/ACCOUNT``."""
    person = message.person
    if wanted.startswith("@"):
        # Nicks on IRC never begin with @, so such a key is that of a person on Matrix, also of a linked one.
        return person.key.startswith("@") and wanted.lower() in (one.lower() for one in person.accounts)
    network, _, account = wanted.partition("/")
    if person.bridged or not person.account or network.lower() != message.room.network.lower():
        return False
    mapping = known(person.casemapping)
    return casefolded(person.account, mapping) == casefolded(account, mapping)
