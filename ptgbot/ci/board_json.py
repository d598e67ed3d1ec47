"""The board of a project for scripts: the names and values are those that ``ptgbot ci show --json`` promises."""

from __future__ import annotations

from typing import Any, Final

from ptgbot.ci.board import Board, Health, Row

_HOUR: Final = 3600


def board_json(board: Board) -> dict[str, Any]:
    """Return a board for scripts."""
    return {
        "project": board.wanted.project,
        "branch": board.wanted.branch,
        "as_of": board.wanted.at,
        "window_hours": _whole(board.wanted.window / _HOUR),
        "grace_hours": _whole(board.settings.grace_hours),
        "columns": [column.name for column in board.columns],
        "trusted_verified": [board.verified(column) for column in board.columns],
        "rows": [_row(board, row) for row in board.rows()],
        "missed": [
            {"account": account, "patchset": column.name, "state": str(state)}
            for account, column, state in board.outstanding()
        ],
        "unstable_jobs": [
            {
                "account": row.account,
                "pipeline": row.pipeline,
                "job": row.job,
                "patchset": column.name,
                "results": results,
            }
            for row, column, results in board.unstable()
        ],
        "health": {f"{account}/{pipeline}": _health(one) for (account, pipeline), one in board.health().items()},
        "last_report": dict(board.last),
        "rechecks": [
            {"patchset": column.name, "by": account, "line": line} for column, account, line in board.rechecks()
        ],
    }


def _row(board: Board, row: Row) -> dict[str, Any]:
    return {
        "account": row.account,
        "pipeline": row.pipeline,
        "job": row.job,
        "cells": [cell.result if cell else None for cell in board.cells(row)],
        "states": [str(board.state(row.account, column, row.pipeline)) for column in board.columns],
    }


def _health(one: Health) -> dict[str, Any]:
    return {
        "runs": one.runs,
        "success": one.success,
        "patchsets": one.patchsets,
        "reruns": one.reruns,
        "success_rate": round(one.rate, 4),
    }


def _whole(number: float) -> float | int:
    return int(number) if number == int(number) else number
