"""The grid of a project: patch sets beside each other, below them what each CI and each of its jobs said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field
from markupsafe import Markup, escape

from ptgbot.ci.board import Board, JobResult, Row, Run
from ptgbot.ci.standing import Column, State
from ptgbot_site.build.markup import EMPTY, cut, joined, name
from ptgbot_site.build.words import say
from ptgbot_site.ci import signs
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.markup import lasted, moment, outside

MOST_ROWS: Final = 600
"""Most jobs of one page."""
_SUBJECT: Final = 70


@define(eq=False)
class Grid:
    """The grid of one page."""

    desk: Desk
    board: Board
    root: str
    """Relative address of the board."""
    left: int = field(default=0, init=False)
    """Jobs that have no row because there are too many."""

    def html(self, caption: str) -> Markup:
        """Return the grid; empty without a patch set."""
        columns = self.board.columns
        if not columns:
            return EMPTY
        rows = self.board.rows()
        self.left = max(0, len(rows) - MOST_ROWS)
        bodies = joined(self._bodies(rows[:MOST_ROWS]))
        return Markup(
            '<div class="ci-scroll ci-grid-region" tabindex="0" role="region" aria-label="{0}"><table class="ci-grid">'
            '<caption class="ptg-spoken">{0}</caption><thead><tr><th scope="col" class="ci-corner">{1}</th>{2}</tr>'
            "</thead>{3}</table></div>"
        ).format(caption, say("CI and job"), joined(map(self._head, columns)), bodies)

    def _head(self, column: Column) -> Markup:
        vote = self.board.verified(column)
        verified = EMPTY
        if vote is not None:
            of = "ok" if vote > 0 else "fail" if vote < 0 else "neutral"
            verified = Markup('<span class="ci-vote {}">{} {:+d}</span>').format(of, say("Verified"), vote)
        return Markup(
            '<th scope="col" data-branch="{}"><span class="ci-change">{}</span> {}<span class="ci-subject">{}</span>'
            '<span class="ci-who">{} · {} · {}</span></th>'
        ).format(
            cut(column.branch),
            outside(column.url, column.name),
            verified,
            cut(column.subject, _SUBJECT),
            name(column.owner, 30),
            name(column.branch, 30),
            moment(column.created),
        )

    def _bodies(self, rows: Sequence[Row]) -> Iterator[Markup]:
        of: dict[str, list[Row]] = {}
        for row in rows:
            of.setdefault(row.account, []).append(row)
        for account in self.board.accounts():
            own = joined(self._row(row) for row in of.get(account, ()))
            cells = [self._verdict(account, column) for column in self.board.columns]
            trusted = Markup(' <span class="ci-kind">{}</span>').format(say("upstream"))
            yield Markup(
                '<tbody data-ci="{}"{}><tr class="ci-of"><th scope="rowgroup">{}{}</th>{}</tr>{}</tbody>'
            ).format(
                account if len(account) <= 200 else cut(account),
                Markup(" data-trusted") if account in self.board.trusted else EMPTY,
                self.desk.to_account(account, self.root),
                trusted if account in self.board.trusted else EMPTY,
                joined(cells),
                own,
            )

    def _verdict(self, account: str, column: Column) -> Markup:
        """Return the cell of a CI as a whole on a patch set: the newest result of each pipeline, or its state."""
        state = self.board.state(account, column)
        runs = [run for (who, _), run in self.board.current(column).items() if who == account]
        if state is not State.DONE:
            shown = f"{signs.OF_STATE[state]}\u00a0{signs.word_of(state)}"
            before = joined((self._run(run, account, column) for run in runs), " ")
            return Markup('<td class="{}">{} {}</td>').format(signs.class_of_state(state), shown, before)
        classes = {_class_of(run) for run in runs}
        worst = next((one for one in ("fail", "infra", "neutral") if one in classes), "ok")
        return Markup('<td class="{}">{}</td>').format(
            worst, joined((self._run(run, account, column) for run in runs), Markup("<br>"))
        )

    def _run(self, run: Run, account: str, column: Column) -> Markup:
        of = _class_of(run)
        told = outside(run.buildset, f"{signs.SIGNS[of]}\u00a0{signs.told(run.status)}")
        results = sum(
            one.is_result and one.account == account and one.pipeline == run.pipeline for one in self.board.runs[column]
        )
        pipeline = Markup(" <small>{}</small>").format(cut(run.pipeline, 30)) if run.pipeline != "-" else EMPTY
        return Markup("{}{}{}").format(told, pipeline, _again(results - 1))

    def _row(self, row: Row) -> Markup:
        found = self.board.cells(row)
        again = self._reruns(row)
        known = [one for one in found if one]
        is_voting = any(one.voting for one in known)
        kind = EMPTY if is_voting else Markup(' <span class="ci-kind">{}</span>').format(say("non-voting"))
        head = name(row.job) if row.pipeline == "-" else Markup("{} › {}").format(name(row.pipeline, 30), name(row.job))
        cells = (_cell(one, again.get(column, 0)) for column, one in zip(self.board.columns, found, strict=True))
        quiet = EMPTY if is_voting else Markup(" data-quiet")
        return Markup('<tr{}><th scope="row">{}{}</th>{}</tr>').format(quiet, head, kind, joined(cells))

    def _reruns(self, row: Row) -> Mapping[Column, int]:
        """Return how often a job had a result beyond the first on each patch set."""
        counted: Counter[Column] = Counter()
        for column in self.board.columns:
            for run in self.board.runs[column]:
                if run.is_result and (run.account, run.pipeline) == (row.account, row.pipeline):
                    counted[column] += row.job in run.by_name
        return {column: number - 1 for column, number in counted.items()}


def _class_of(run: Run) -> str:
    """Return the class of a run. A failure is one of the CI if all voting jobs that went wrong did so because of it."""
    of = signs.OF_STATUS.get(run.status, "neutral")
    wrong = {job.cls for job in run.jobs if job.voting} - {"ok", "neutral"}
    return "infra" if of == "fail" and wrong == {"infra"} else of


def _again(number: int) -> Markup:
    """Return the number of reruns; empty without any."""
    if number <= 0:
        return EMPTY
    said = say("{number} reruns").format(number=number)
    sign, spoken = Markup('<span aria-hidden="true">↻{}</span>'), Markup('<span class="ptg-spoken">{}</span>')
    return Markup(' <span class="ci-again">{}{}</span>').format(sign.format(number), spoken.format(said))


def _cell(found: JobResult | None, reruns: int) -> Markup:
    if found is None:
        return Markup("<td></td>")
    of = found.cls
    told = outside(found.url, f"{signs.SIGNS.get(of, '')}\u00a0{found.result[:30]}")
    # The parts are escaped; a template for each cell would take longer than all the rest of the page.
    time = f" <small>{escape(lasted(found.seconds))}</small>" if found.seconds is not None else ""
    return Markup(f'<td class="{escape(of)}">{told}{time}{_again(reruns)}</td>')  # noqa: S704
