"""Sections of several pages: who carries the work, and how changes are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from ptgbot.contributions.insight_facts import FACTORS
from ptgbot.store.edits import Json
from ptgbot_site.build.charts import Chart, Series, lines, number
from ptgbot_site.build.markup import EMPTY, joined, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions.markup import (
    ROOT,
    Cells,
    Facts,
    drawn,
    fold,
    metric_names,
    release_name,
    rows_of,
    table,
    to_page,
)

_NONE: Final = "–"
_FEWEST_POINTS: Final = 3
"""Fewest releases of which a line is drawn."""
_MINUTES, _HOURS = 60, 3_600
_DAY: Final = 86_400

Label = Markup | str


def shown(cell: Json) -> str:
    """Return a number as it is read, a dash for none."""
    return number(cell) if isinstance(cell, int | float) else _NONE


def duration(seconds: Json) -> str:
    """Return a time in minutes, hours or days, a dash for none."""
    if not isinstance(seconds, int | float):
        return _NONE
    if seconds < 2 * _HOURS:
        return say("{number} min").format(number=number(seconds // _MINUTES))
    if seconds < 2 * _DAY:
        return say("{number} h").format(number=number(round(seconds / _HOURS, 1)))
    return say("{number} d").format(number=number(round(seconds / _DAY, 1)))


def share(part: Json, whole: Json) -> str:
    """Return a part of a whole in per cent, a dash if one of them is unknown or the whole is nothing."""
    if isinstance(part, int | float) and isinstance(whole, int | float) and whole:
        return f"{100 * part / whole:.0f} %"
    return _NONE


def of_module(facts: Facts) -> Markup:
    """Return the sections of the page of a module, with a row for each release."""
    factors, answers = (
        [_linked("release", row, ROOT) for row in rows_of(facts, key)] for key in ("factors", "answers")
    )
    rows = rows_of(facts, "factors")
    before = fold(say("By release"), _by_row(say("Release"), factors))
    return _carried(_newest(rows), _curve(rows), before) + _answers(answers)


def of_release(facts: Facts) -> Markup:
    """Return the sections of the page of a release: all modules together, and each module on request."""
    factors, answers = (
        [_linked("module", row, ROOT) for row in rows_of(facts, f"{key}_of_modules")] for key in ("factors", "answers")
    )
    together = _newest(rows_of(facts, "factors"))
    modules = fold(say("By module"), _by_row(say("Module"), factors))
    whole = [(release_name(row[0]), row[1:]) for row in rows_of(facts, "answers")]
    return _carried(together, modules) + _answers(whole, answers)


def of_overview(facts: Facts) -> Markup:
    """Return the sections of the first page: this release and the last one."""
    factors = {release_name(row[0]): row[1:] for row in rows_of(facts, "factors")}
    answers = [_linked("release", row, "") for row in rows_of(facts, "answers")]
    return _carried(_by_metric(title(), factors)) + _answers(answers, ())


def _linked(kind: str, row: Cells, root: str) -> tuple[Label, Cells]:
    """Return a row with a link to the page that its first cell names."""
    return to_page(kind, str(row[0]), str(row[0]), root), row[1:]


def _newest(rows: Sequence[Cells]) -> Markup:
    """Return the absence factors of the first row, which has its release."""
    return _by_metric(title(), {release_name(row[0]): row[1:] for row in rows[:1]})


def _carried(*content: Markup) -> Markup:
    """Return the section of absence factors; empty without any."""
    said = say(
        "The fewest people, and the fewest organisations, who make half of the work. The higher the number, the more "
        "widely the work is shared."
    )
    return section(title(), paragraph(said), *content) if any(content) else EMPTY


def title() -> str:
    """Return the title of the section of absence factors."""
    return say("Absence factor")


def used(rows: Sequence[Cells]) -> list[int]:
    """Return the places of the metrics of which a row has an absence factor."""
    count = len(FACTORS)
    return [place for place in range(count) if any(row[place] is not None for row in rows if len(row) > place)]


def _by_metric(caption: str, rows: Mapping[str, Cells]) -> Markup:
    """Return a table with a row for each metric, and columns of people and organisations for each release."""
    called = metric_names()
    sides = ((say("People"), 0), (say("Organisations"), len(FACTORS)))
    columns = [(f"{head}, {release}", row, first) for release, row in rows.items() for head, first in sides]
    made = [
        [called[FACTORS[place]], *(shown(row[first + place]) for _, row, first in columns)]
        for place in used([*rows.values()])
    ]
    return table(caption, [say("Metric"), *(head for head, _, _ in columns)], made)


def _by_row(head: str, rows: Sequence[tuple[Label, Cells]]) -> Markup:
    """Return two tables, of people and of organisations, with a column for each metric."""
    called = metric_names()
    places = used([row for _, row in rows])
    heads = [head, *(called[FACTORS[place]] for place in places)]
    captions = {say("Fewest people who make half"): 0, say("Fewest organisations that make half"): len(FACTORS)}
    return joined(
        paragraph(caption)
        + table(caption, heads, ([label, *(shown(row[first + place]) for place in places)] for label, row in rows))
        for caption, first in captions.items()
        if places
    )


def _curve(rows: Sequence[Cells]) -> Markup:
    """Return how the absence factors of commits and reviews went from release to release, the oldest first."""
    if len(rows) < _FEWEST_POINTS:
        return EMPTY
    called, oldest_first = metric_names(), [*reversed(rows)]
    sides = {0: say("People"), len(FACTORS): say("Organisations")}
    series = [
        Series(f"{called[metric]}, {head}", [_known(row[1 + side + FACTORS.index(metric)]) for row in oldest_first])
        for metric in ("commits", "reviews")
        for side, head in sides.items()
    ]
    known = [one for one in series if any(value is not None for value in one.values)]
    labels = [release_name(row[0]) for row in oldest_first]
    return drawn(Chart(say("Absence factor by release"), say("Release"), labels, known), lines) if known else EMPTY


def _known(cell: Json) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _answers(rows: Sequence[tuple[Label, Cells]], modules: Sequence[tuple[Label, Cells]] | None = None) -> Markup:
    """Return the section of answers: a column for each release if modules are given, else a row."""
    if not rows:
        return EMPTY
    caption = say("How changes are answered")
    said = say(
        "By the release in which a change was opened. A first answer is a vote or a comment of a human who is not its "
        "author. Times are those of changes that were answered or merged; changes that still wait are counted beside "
        "them."
    )
    if modules is None:
        return section(caption, paragraph(said), _answer_table(caption, say("Release"), rows))
    cells = zip(_answer_heads(), *(_answer_cells(row) for _, row in rows), strict=True)
    together = table(caption, [say("Measure"), *(label for label, _ in rows)], cells)
    more = fold(say("By module"), _answer_table(say("Answers by module"), say("Module"), modules))
    return section(caption, paragraph(said), together, more)


def _answer_table(caption: str, head: str, rows: Sequence[tuple[Label, Cells]]) -> Markup:
    return table(caption, [head, *_answer_heads()], ([label, *_answer_cells(row)] for label, row in rows))


def _answer_heads() -> list[str]:
    return [
        *(say("Changes"), say("Answered"), say("First answer, median"), say("First answer, 90 %")),
        *(say("Ended without an answer"), say("Waiting for an answer"), say("Merged"), say("Merge, median")),
        *(say("Merge, 90 %"), say("Closed")),
    ]


def _answer_cells(row: Cells) -> list[str]:
    changes, answered, half, most, ended, waiting, merged, merge_half, merge_most, abandoned = row
    closed = [one for one in (merged, abandoned) if isinstance(one, int | float)]
    return [
        *(shown(changes), shown(answered), duration(half), duration(most), shown(ended), shown(waiting), shown(merged)),
        *(duration(merge_half), duration(merge_most), share(sum(closed), changes)),
    ]
