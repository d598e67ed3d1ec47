"""``#status list``: what is open, what is planned, and how services are."""

from __future__ import annotations

from ptgbot.chat.commands import Decision
from ptgbot.chat.message import listed
from ptgbot.chat.text import short
from ptgbot.status import model
from ptgbot.status.alerts import among
from ptgbot.status.finding import Called, group_of
from ptgbot.status.model import Matter, ServiceState
from ptgbot.status.trust import may_see
from ptgbot.status.typed import shown
from ptgbot.store.edits import Tree


def open_ones(tree: Tree, call: Called) -> Decision:
    """List the open alerts and plans that may be told here."""
    every = [*model.open_alerts(tree), *model.open_plans(tree)]
    seen = [one for one in every if may_see(call, group_of(call, one))]
    items = [_line(one) for one in seen]
    states = model.service_states(call.settings.services, seen)
    bad = [f"{name}: {state.replace('_', ' ')}" for name, state in states.items() if state != ServiceState.OPERATIONAL]
    if not items:
        return Decision(answers=[listed([], "No alert is open and nothing is planned.")])
    return Decision(answers=[listed([*items, *bad])])


def _line(one: Matter) -> str:
    row = one.row
    text = f"{among(row['services'])}: {short(str(row['text']), 120)}"
    if one.is_plan:
        return f"Plan {one.number} ({one.state}, {shown(one.moment('start'), one.moment('end'))}){text}"
    return f"Alert {one.number} ({one.state} since {one.moment('at'):%a %-d %b %H:%M} UTC){text}"
