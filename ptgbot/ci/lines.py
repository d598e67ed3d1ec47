"""The lines that tell of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ptgbot.chat.text import clean, listing, short
from ptgbot.ci.addresses import account_folder, project_folder
from ptgbot.ci.alerts import BACK, Alert, AlertKind

MOST: Final = 4
"""Most CIs or projects that one line names."""
_HEADS: Final = {
    AlertKind.SILENT: "Silent",
    AlertKind.FAILING: "Failing",
    AlertKind.UPSTREAM: "Upstream",
    AlertKind.INCIDENT: "Incident",
}


def line_for_rooms(rule: str, alerts: Sequence[Alert], site: str) -> str:
    """Return the line for rooms about alerts of one rule; ``site`` is the address of the site, empty without one."""
    if rule == BACK:
        text = "; ".join(_over(one) for one in alerts[:MOST])
        head = "Back"
    else:
        text = "; ".join(_trouble(one) for one in alerts[:MOST])
        head = _HEADS[AlertKind(rule)]
    more = f"; and {len(alerts) - MOST} more" if len(alerts) > MOST else ""
    return f"CI board, {head.lower()}: {text}{more}.{_link(alerts, site)}"


def line_open(alert: Alert, site: str) -> str:
    """Return the line for somebody who watches, about an alert that is open."""
    return f"CI board, {_HEADS[alert.kind].lower()}: {_trouble(alert)}.{_link([alert], site)}"


def line_over(alert: Alert, site: str) -> str:
    """Return the line for somebody who watches, about an alert that is over."""
    return f"CI board, back: {_over(alert)}.{_link([alert], site)}"


def trouble(alert: Alert) -> str:
    """Return an alert in a few words that follow the name: ``has missed 5 patch sets in a row since …``."""
    number, since = alert.row["count"], shown(alert.since)
    if alert.kind is AlertKind.INCIDENT:
        names = [named(one) for one in alert.row.get("jobs", ())[:MOST]]
        return f"{number} jobs fail because of the infrastructure since {since}: {', '.join(names)}"
    if alert.kind is AlertKind.UPSTREAM:
        return f"{alert.row['rate']} % of the last {number} runs succeeded"
    if alert.kind is AlertKind.FAILING:
        return f"has failed on {number} changes in a row since {since}"
    return f"has missed {number} patch sets in a row since {since}"


def shown(at: datetime) -> str:
    """Return a moment for people: ``2026-11-22 03:10 UTC``."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def named(name: str) -> str:
    """Return a name that others have chosen so that it can stand in a line."""
    return short(clean(name), 60)


def _trouble(alert: Alert) -> str:
    if alert.kind is AlertKind.INCIDENT:
        return trouble(alert)
    where = ""
    if alert.projects:
        more = len(alert.projects) - 2
        shown_projects = [named(one) for one in alert.projects[:2]] + ([f"{more} more"] if more > 0 else [])
        where = f" ({listing(shown_projects)})"
    between = ": " if alert.kind is AlertKind.UPSTREAM else " "
    return f"{named(alert.name)}{between}{trouble(alert)}{where if alert.kind is not AlertKind.UPSTREAM else ''}"


def _over(alert: Alert) -> str:
    was = {
        AlertKind.SILENT: "reports again, silent since",
        AlertKind.FAILING: "succeeds again, failing since",
        AlertKind.UPSTREAM: "succeeds again, in trouble since",
        AlertKind.INCIDENT: "works again, incident since",
    }[alert.kind]
    name = f"upstream of {named(alert.name)}" if alert.kind is AlertKind.UPSTREAM else named(alert.name)
    return f"{name} {was} {shown(alert.since)}"


def _link(alerts: Sequence[Alert], site: str) -> str:
    if not site:
        return ""
    if len(alerts) > 1 or alerts[0].kind is AlertKind.INCIDENT:
        return f" {board_page(site)}"
    one = alerts[0]
    if one.kind is AlertKind.UPSTREAM:
        return f" {project_page(site, str(one.row.get('server', '')), one.name)}"
    return f" {account_page(site, one.name)}"


def board_page(site: str) -> str:
    """Return the address of the board."""
    return f"{site}ci/index.html"


def project_page(site: str, server: str, project: str) -> str:
    """Return the address of the page of a project."""
    return f"{site}ci/{project_folder(server, project)}/index.html"


def account_page(site: str, account: str) -> str:
    """Return the address of the page of a CI."""
    return f"{site}ci/{account_folder(account)}/index.html"
