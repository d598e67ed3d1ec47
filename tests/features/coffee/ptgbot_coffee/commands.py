"""What people can type."""

from __future__ import annotations

from datetime import timedelta

from ptgbot.chat.commands import ROLES, Call, Command, Decision, Deliver, Form, News, say
from ptgbot.chat.message import Done, Reply, Role, Target
from ptgbot.chat.text import short
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, get
from ptgbot_coffee.pots import NAME, pots, stamp
from ptgbot_coffee.settings import CoffeeSettings

LONGEST_PLACE = 80


def _coffee(tree: Tree, call: Call[CoffeeSettings]) -> Decision:
    fresh = [pot for pot in pots(tree) if pot.fresh_until]
    if not fresh:
        return say("There is no fresh coffee that I know of. #brew POT PLACE tells of one.")
    return say("Fresh coffee: " + ", ".join(f"{pot.name} in {pot.place}" for pot in fresh) + ".")


def _brew(tree: Tree, call: Call[CoffeeSettings]) -> Decision:
    name, _, place = call.argument.partition(" ")
    name = name.lower()
    if not NAME.fullmatch(name) or not place:
        return say("Which pot, and where? Type #brew POT PLACE, such as #brew blue lobby.")
    if len(place) > LONGEST_PLACE:
        return say(f"A place has at most {LONGEST_PLACE} characters; yours has {len(place)}.")
    until = stamp(call.at + timedelta(minutes=call.settings.minutes))
    was = get(tree, ("pots", name))
    pot: Json = {"place": place, "until": until, "cups": 0, "by": call.message.person.nick}
    line = f"Fresh coffee: {name} in {place}."
    rooms = tuple(Target(*where.split(" ", 1)) for where in call.settings.tell)
    told = (Deliver("say", rooms, line, about=f"{name} {until}"),) if rooms else ()
    return Decision(
        [Edit(("pots", name), was, pot)], [Done()], deliver=told, news=(News(f"#coffee {name} {place}"),)
    )


def _throw(tree: Tree, call: Call[CoffeeSettings]) -> Decision:
    name = call.argument.lower()
    was = get(tree, ("pots", name))
    if was is ABSENT:
        return say(f"There is no pot {short(call.argument, 30)}.")
    return Decision([Edit(("pots", name), was, ABSENT)], [Reply(f"The pot {name} is removed. ~undo brings it back.")])


COMMANDS = (
    Command("coffee", Form.USER, Role.ATTENDEE, "+coffee", "Where fresh coffee is.", "+coffee", _coffee),
    Command(
        "brew",
        Form.FIXED,
        Role.ATTENDEE,
        "#brew POT PLACE",
        "Tell everybody that a pot is fresh, and where it stands.",
        "#brew blue lobby",
        _brew,
    ),
    Command("throw", Form.ADMIN, ROLES[Form.ADMIN], "~throw POT", "Remove a pot.", "~throw blue", _throw),
)
"""Every command of the feature."""

