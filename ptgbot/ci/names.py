"""The accounts of CIs that were seen, and the names by which people and the configuration call them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from attrs import frozen

from ptgbot.ci.settings import CiSettings


@frozen(eq=False)
class Names:
    """The known accounts of CIs."""

    accounts: Mapping[str, str]
    """Accounts by all of their names in small letters."""
    shown: Mapping[str, str]
    """Display names by account."""
    trusted: frozenset[str]
    """Accounts of the project's own CI."""

    def key(self, name: str) -> str:
        """Return the account that a name means; a name that is not known stands for itself."""
        return self.accounts.get(name.casefold(), name)

    def expects(self, settings: CiSettings, account: str, project: str, branch: str) -> bool:
        """Say whether the configuration expects a CI on a branch of a project."""
        return any(self.key(one.account) == account and one.concerns(project, branch) for one in settings.expected)

    def runs_on_all(self, settings: CiSettings, account: str) -> bool:
        """Say whether a CI must also report on patch sets that change nothing, or only the message."""
        return any(one.every_patchset and self.key(one.account) == account for one in settings.expected)


def names_in(sql: sqlite3.Connection) -> Names:
    """Return the accounts of all CIs that were seen."""
    found = sql.execute("SELECT account, name, trusted FROM accounts ORDER BY account").fetchall()
    return Names(
        {
            **{name.casefold(): account for account, name, _ in found},
            **{account.casefold(): account for account, _, _ in found},
        },
        {account: name for account, name, _ in found},
        frozenset(account for account, _, trusted in found if trusted),
    )
