"""What somebody may have meant by a word that is no command: by spelling, or because people say it so."""

from __future__ import annotations

from collections.abc import Iterable

SHORT = 4
"""Letters of the longest word in which one slip is the most; in a longer one two."""


def misspelt(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that a word may be a slip of, the nearest first.

    A slip is a letter too many, too few, wrong, or in the place of its neighbour. Two words that only look alike, such
    as ``cancel`` and ``advance``, are none: whoever is asked "did you mean" may well say yes.
    """
    found = [(slips(word, one), one) for one in dict.fromkeys(known) if abs(len(one) - len(word)) < 3]
    most = 1 if len(word) <= SHORT else 2
    return [one for number, one in sorted(found) if number <= most]


def slips(one: str, other: str) -> int:
    """Return the number of slips between two words (the optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            number = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                number = min(number, earlier[to - 2] + 1)
            row.append(number)
    return row[-1]
