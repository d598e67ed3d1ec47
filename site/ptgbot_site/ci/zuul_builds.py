"""What Zuul itself tells, on the page of upstream: runs without a change, nodes, runs that failed before any job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from ptgbot.ci.builds import LastBuild, broken_sets, built_jobs, nodesets
from ptgbot.ci.spans import Span
from ptgbot_site.build.markup import cut, name, section
from ptgbot_site.build.words import say
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.markup import lasted, moment, outside, percent, table

DAYS: Final = 7
_MOST: Final = 100


def zuul_sections(desk: Desk) -> list[Markup]:
    """Return the sections; none of them has content where no Zuul is read."""
    span = Span.before(desk.at, DAYS)
    return [
        section(say("Periodic and post runs of the last 7 days"), _jobs(desk, span)),
        section(say("Nodes"), _nodes(desk, span)),
        section(say("Runs that failed before any job"), _broken(desk, span)),
    ]


def _jobs(desk: Desk, span: Span) -> Markup:
    heads = [say("Job"), say("Pipeline"), say("Project and branch"), say("Runs"), say("Success"), say("Retries")]
    heads += [say("Median duration"), say("Median waiting"), say("Last result")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            name(one.job),
            name(one.pipeline, 30),
            Markup("{} {}").format(name(one.project), name(one.branch, 30)),
            str(one.runs),
            percent(one.success / one.runs) if one.runs else "–",
            str(one.retries),
            lasted(one.ran.median),
            lasted(one.waited.median),
            _last(one.last) if one.last else "–",
        ]
        for one in built_jobs(desk.sql, span)[:_MOST]
    )
    return table(say("Periodic and post runs of the last 7 days"), heads, rows)


def _last(one: LastBuild) -> Markup:
    return Markup("{} {} {}").format(outside(one.url, one.result[:30]), moment(one.time), cut(one.error))


def _nodes(desk: Desk, span: Span) -> Markup:
    heads = [say("Nodes"), say("Runs"), say("Infrastructure failures"), say("Retries"), say("Median waiting")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            name(one.nodeset or say("unknown")),
            str(one.runs),
            percent(one.infra / one.runs) if one.runs else "–",
            str(one.retries),
            lasted(one.waited.median),
        ]
        for one in nodesets(desk.sql, span)[:_MOST]
    )
    return table(say("Nodes"), heads, rows)


def _broken(desk: Desk, span: Span) -> Markup:
    heads = [say("Project and branch"), say("Pipeline"), say("Result"), say("Message"), say("Time")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            Markup("{} {}").format(name(one.project), name(one.branch, 30)),
            name(one.pipeline, 30),
            one.result[:30],
            cut(one.message, 200),
            moment(one.time),
        ]
        for one in broken_sets(desk.sql, span)
    )
    return table(say("Runs that failed before any job"), heads, rows)
