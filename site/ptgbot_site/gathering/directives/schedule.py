"""``ptg:schedule``: the track in each room, slot by slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ptgbot_site.build.directive import StateDirective, entry, items, line, note, spaced, title
from ptgbot_site.build.nodes import ptg_fold, ptg_header, ptg_item, ptg_link, ptg_part, ptg_row, ptg_scroll, ptg_summary
from ptgbot_site.build.state import text_of
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.days import PAST, RUNNING, Day, Slot, code, dated_name, days, which_day
from ptgbot_site.gathering.directives.rooms import free_code, free_slot, room_line
from ptgbot_site.gathering.look import badge, call, place
from ptgbot_site.gathering.names import CURRENT, DATE, DAY, DAYS, ROOMS, SCHEDULE_TODAY, TODAY, TRACKS, day_slugs, named

if TYPE_CHECKING:
    from sphinx.util.typing import OptionSpec

FITS = {"ptg-fits": 6, "ptg-few": 4}
"""Numbers of slots that fit side by side on a common screen, and on a small one."""


class Schedule(StateDirective):
    """Shows the schedule of the named day, of ``:today:``, or of all days.

    With ``:title:`` the name of the day is the title of the page. ``:today:`` means the next day of the gathering while
    there is none today, and the last one afterwards; it says which day that is.
    """

    kind = "schedule"
    shared = (TRACKS, ROOMS)
    needs = (DAYS, ROOMS)
    also = (TRACKS, TODAY, CURRENT)
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {"today": directives.flag, "title": directives.flag}

    def uses(self) -> set[str]:
        """Return the slices, including those of the shown days."""
        if "today" in self.options:
            return super().uses() | {SCHEDULE_TODAY, DATE}
        return super().uses() | {f"{DAY}:{self.arguments[0]}" if self.arguments else f"{DAY}:*"}

    def given(self) -> dict[str, str]:
        """Return which days to show, and whether the day is the title of the page."""
        if "today" in self.options:
            return {"which": "today"}
        titled = {"title": "yes"} if "title" in self.options else {}
        return {"which": "day", "day": self.arguments[0], **titled} if self.arguments else {"which": "all"}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the days, each as a table, and as a list by time if the page has our style sheet."""
        if given["which"] == "all":
            return _all_days(view, given["id"])
        name = (view.state.text(TODAY) or None) if given["which"] == "today" else given["day"]
        if name is None:
            return [note(say("No day of this gathering is known yet."))]
        meant = named(day_slugs(view.state), name)
        day = next((day for day in days(view, meant) if day.name == meant), None)
        if day is None:
            return [note(say("There is no day %s in this gathering.") % clean(name))]
        head = [title(dated_name(day))] if "title" in given else []
        which = [which_day(view, day)] if given["which"] == "today" else []
        return [*head, *which, *_day(view, day, given["id"])]


def _all_days(view: View, anchor: str) -> list[nodes.Node]:
    shown: list[nodes.Node] = []
    known = days(view)
    for day in known:
        head = title(day.name, 2)
        head["ids"] = [day.id]
        shown += [head, *_day(view, day, f"{anchor}-{day.id}")]
    if not known:
        return [note(say("This gathering has no days yet."))]
    jumps = [ptg_link("", "", plain(day.name), refid=day.id, internal=True) for day in known]
    return [nodes.paragraph("", "", *spaced(jumps), classes=["ptg-jumps"]), *shown]


def _day(view: View, day: Day, anchor: str) -> list[nodes.Node]:
    if not day.rooms:
        return [note(say("No room is open on %s.") % clean(day.name))]
    label = say("Schedule of %s") % clean(day.name)
    # A table of few columns needs no box of its own to scroll in.
    classes = ["ptg-by-room", *(look for look, most in FITS.items() if len(day.slots) <= most)]
    told = (day.name, [_told(slot) for slot in day.slots], day.rooms, anchor)
    ids = [f"{anchor}-rooms"]
    table = view.piece(lambda: ptg_scroll("", _table(view, day), classes=classes, label=label, ids=ids), "day", *told)
    if not view.rich:
        return [table]
    to_list = _way(say("As a list by time"), f"{anchor}-times")
    return [to_list, table, view.piece(partial(_list, view, day, anchor), "times", *told)]


def _list(view: View, day: Day, anchor: str) -> ptg_part:
    """Return the day as a list by time, for narrow screens and for everybody who prefers it."""
    to_table = _way(say("As a table of rooms"), f"{anchor}-rooms")
    return ptg_part("", to_table, *_by_time(view, day, anchor), classes=["ptg-by-time"], ids=[f"{anchor}-times"])


def _way(words: str, target: str) -> nodes.paragraph:
    link = ptg_link("", words, refid=target, internal=True)
    return nodes.paragraph("", "", link, classes=["ptg-other-form"])


def _told(slot: Slot) -> list[str | None]:
    return [slot.name, slot.desc, str(slot.start), str(slot.end), slot.mark]


def _table(view: View, day: Day) -> nodes.table:
    head = nodes.row("", ptg_header("", nodes.paragraph("", say("Room")), scope="col"))
    head.extend(ptg_header("", line(*slot.label()), classes=slot.classes, scope="col") for slot in day.slots)
    body = nodes.tbody("", *[_room(view, day, room) for room in day.rooms])
    group = nodes.tgroup("", *_columns(view, day), nodes.thead("", head), body, cols=len(day.slots) + 1)
    return nodes.table("", group, classes=["ptg-table", "colwidths-auto"])


def _columns(view: View, day: Day) -> list[nodes.colspec]:
    # The text builder takes widths as characters.
    widths = [
        max(len(max(room, _desc(view, room), key=len)) for room in day.rooms),
        *(_width(day, slot.name) for slot in day.slots),
    ]
    columns = [nodes.colspec(colwidth=min(max(width, 5), 30)) for width in widths]
    columns[0]["stub"] = 1
    return columns


def _desc(view: View, room: str) -> str:
    about = view.state.table(ROOMS).get(room)
    return text_of(about, "desc") if isinstance(about, dict) else ""


def _width(day: Day, slot: str) -> int:
    return max(len(slots.get(slot) or f"{room}-{slot}") for room, slots in day.rooms.items())


def _room(view: View, day: Day, room: str) -> nodes.Element:
    cells = [(slot.name, slot.mark, day.rooms[room].get(slot.name)) for slot in day.slots]
    return view.piece(lambda: _row(view, day, room), "row", room, cells)


def _row(view: View, day: Day, room: str) -> nodes.row:
    row = ptg_row("", ptg_header("", room_line(view, room), scope="row"))
    for slots in day.runs(room) if view.rich else [[slot] for slot in day.slots]:
        track = day.rooms[room].get(slots[0].name)
        cell = nodes.entry("", classes=_mark(slots), **({"morecols": len(slots) - 1} if len(slots) > 1 else {}))
        if track:
            cell += nodes.paragraph("", "", badge(view, track, room))
        elif track == "":
            cell += free_slot(view, code(room, slots[0]))
            cell["classes"].append("ptg-free")
        else:
            cell += nodes.paragraph("", "", plain(say("closed"), "ptg-spoken"))
            cell["classes"].append("ptg-closed")
        row += cell
    return row


def _mark(slots: Sequence[Slot]) -> list[str]:
    """Return the classes of a cell: it runs if one of its slots runs, and is over if all are."""
    marks = [slot.mark for slot in slots]
    return [RUNNING] if RUNNING in marks else [PAST] if all(mark == PAST for mark in marks) else []


def _by_time(view: View, day: Day, anchor: str) -> list[nodes.Node]:
    """Return the slots of a day, those of today that are over in a box to open while others are left."""
    over: list[nodes.Node] = []
    left: list[nodes.Node] = []
    running = next((slot for slot in day.slots if slot.mark == RUNNING), None)
    for slot in day.slots:
        held, free = list(day.held(slot)), day.free(slot)
        if held or free:
            ids = [f"{anchor}-now"] if slot is running else []
            shown = view.piece(partial(_slot, view, slot, held, free, ids), "slot", _told(slot), held, free, ids)
            (over if slot.mark == PAST else left).append(shown)
    if not over or not left:
        return [*over, *left]
    summary = ptg_summary("", say("Slots that are over: %d") % len(over))
    return [ptg_fold("", summary, *over, classes=["ptg-over"]), *left]


def _slot(
    view: View, slot: Slot, held: Sequence[tuple[str, str]], free: Sequence[str], ids: Sequence[str]
) -> ptg_part:
    head = line(*slot.label())
    head["classes"].append("ptg-slot")
    box = ptg_part("", head, classes=["ptg-time", *slot.classes], ids=list(ids))
    if held:
        runs = slot.mark == RUNNING
        box += items([view.piece(partial(_held, view, *one, runs), "held", *one, runs) for one in held], "ptg-held")
    if free:
        shown = items([view.piece(partial(_free_item, text), "free", text) for text in free], "ptg-free-codes")
        words = say("Free") if len(free) == 1 else say("Free: %d") % len(free)
        box += ptg_fold("", ptg_summary("", words, classes=["ptg-free-title"]), shown, classes=["ptg-open"])
    return box


def _held(view: View, track: str, room: str, runs: bool) -> nodes.list_item:
    return entry(badge(view, track, room), *(call(view, track, room) if runs else []), place(view, room))


def _free_item(text: str) -> nodes.list_item:
    return ptg_item("", line(free_code(text)))
