"""A patch of the file about people that adds addresses, in the unified form that ``git apply`` and ``patch`` take."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import attrs
from attrs import define, frozen

from ptgbot.contributions.json_lines import JsonLines
from ptgbot.contributions.model import Person, Register
from ptgbot.contributions.people_files import BadData, read_people
from ptgbot.contributions.toml_lines import TomlLines

_CONTEXT: Final = 3
"""Lines around a change."""
_TOKEN: Final = re.compile(r"(?P<text>\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*')|#[^\n]*")
_LAST: Final = "\\ No newline at end of file"


@frozen
class Edit:
    """A part of a text that is replaced."""

    begin: int
    end: int
    text: str


def patch(path: Path, register: Register, added: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a patch that adds addresses to people.

    Args:
        path: the file about people, of which the register was made.
        register: people with their places in the file.
        added: addresses by the ids of people.

    Raises:
        BadData: the file has a form in which the addresses cannot be written.
        OSError: the file cannot be read.
    """
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    mark, end = ("\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""), ("\r\n" if "\r\n" in text else "\n")
    if end == "\r\n" and text.count("\r\n") != text.count("\n"):
        raise BadData(f"{path.name}: lines end in different ways; write them in one way first.")
    plain = text.replace("\r\n", "\n")
    wanted = [(person, added[person.id]) for person in _last_of_each(register.people) if added.get(person.id)]
    writer = _Toml(TomlLines(plain)) if path.suffix == ".toml" else _Json(JsonLines(plain))
    edits = sorted((writer.edit(person, emails) for person, emails in wanted), key=lambda one: one.begin)
    _check(path, register, {person.id: emails for person, emails in wanted}, applied(plain, edits))
    if not edits:
        return
    name = patched_name(path)
    yield f"--- {_quoted(f'a/{name}')}"
    yield f"+++ {_quoted(f'b/{name}')}"
    lines = [*_hunks(mark + plain, [Edit(one.begin + len(mark), one.end + len(mark), one.text) for one in edits])]
    for line, following in pairwise([*lines, ""]):
        is_whole = line[:1] in ("+", "-", " ") and following != _LAST
        yield line + end[:-1] if is_whole else line


def patched_name(path: Path) -> str:
    """Return the name of a file in a patch: from the top of its repository of git, if it is in one."""
    whole = path.resolve()
    top = next((folder for folder in whole.parents if (folder / ".git").exists()), whole.parent)
    return whole.relative_to(top).as_posix()


def _last_of_each(people: Sequence[Person]) -> Sequence[Person]:
    """Return the entries; of several with one id the last one, which counts."""
    return list({person.id: person for person in people}.values())


def _check(path: Path, register: Register, added: Mapping[str, Sequence[str]], text: str) -> None:
    """Read the patched text: it must say what the register says, with the addresses, and nothing else."""
    made = read_people(text.encode(), path).register
    last = {id(one) for one in _last_of_each(register.people)}
    wanted = tuple(
        _with(one, added.get(one.id, ()), new) if id(one) in last else one
        for one, new in zip(register.people, made.people, strict=True)
    )
    whole = attrs.evolve(register, people=wanted)
    if attrs.evolve(made, mailmap=register.mailmap, assistants=register.assistants) != whole:
        raise BadData(f"{path.name}: its form cannot be patched; write the lists of addresses in the usual way.")


def _with(person: Person, emails: Sequence[str], made: Person) -> Person:
    """Return a person with further addresses. The first address may be the id and the name of who had none."""
    one = attrs.evolve(person, emails=(*person.emails, *emails))
    return one if person.emails or not emails else attrs.evolve(one, id=made.id, name=made.name)


def applied(text: str, edits: Sequence[Edit]) -> str:
    """Return a text after edits, which are in the order of their places."""
    parts, at = [], 0
    for one in edits:
        parts += [text[at : one.begin], one.text]
        at = one.end
    return "".join([*parts, text[at:]])


@define
class _Toml:
    lines: TomlLines

    def edit(self, person: Person, emails: Sequence[str]) -> Edit:
        added = [json.dumps(one, ensure_ascii=False) for one in emails]
        span = self.lines.span((*person.place, "emails"))
        if span is None:
            at = self.lines.header(person.place)
            return Edit(at, at, f"emails = [{', '.join(added)}]\n")
        return Edit(*span, longer(self.lines.text[slice(*span)], added))


@define
class _Json:
    lines: JsonLines

    def edit(self, person: Person, emails: Sequence[str]) -> Edit:
        added = [json.dumps(one, ensure_ascii=False) for one in emails]
        text, span = self.lines.text, self.lines.span((*person.place, "emails"))
        if span is not None:
            literal = text[slice(*span)]
            return Edit(*span, longer(literal, added) if literal[:1] == "[" else f"[{', '.join(added)}]")
        whole = self.lines.span(person.place)
        assert whole is not None
        first = re.compile(r"\s*").match(text, whole[0] + 1)
        assert first is not None
        return Edit(whole[0] + 1, first.end(), f'{first[0]}"emails": [{", ".join(added)}],{first[0] or " "}')


def longer(literal: str, added: Sequence[str]) -> str:
    """Return a list of texts, in JSON or TOML, with more texts at its end, written as the list is written."""
    texts = [one for one in _TOKEN.finditer(literal) if one["text"]]
    if not texts:
        return f"[{', '.join(added)}{literal[1:]}"
    last = texts[-1].end()
    rest = literal[last:]
    if "\n" not in rest:
        return f"{literal[:last]}{''.join(f', {one}' for one in added)}{rest}"
    closing = literal.rindex("\n")
    begin = literal.rfind("\n", 0, texts[-1].start()) + 1
    indent = literal[begin : len(literal) - len(literal[begin:].lstrip(" \t"))] if begin else "  "
    has_comma = _TOKEN.sub("", rest).lstrip().startswith(",")
    joined = ",\n".join(f"{indent}{one}" for one in added)
    comma, final = ("", ",") if has_comma else (",", "")
    return f"{literal[:last]}{comma}{literal[last:closing]}\n{joined}{final}{literal[closing:]}"


def _hunks(text: str, edits: Sequence[Edit]) -> Iterator[str]:
    """Yield the hunks of a patch, without reading all lines for each."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    has_end = lines[-1] == ""
    count = len(lines) - has_end
    changed = list(_changed(text, starts, edits))
    groups: list[list[tuple[int, int, list[str]]]] = []
    for one in changed:
        if groups and one[0] - groups[-1][-1][1] <= 2 * _CONTEXT:
            groups[-1].append(one)
        else:
            groups.append([one])
    shift = 0
    for group in groups:
        begin, end = max(group[0][0] - _CONTEXT, 0), min(group[-1][1] + _CONTEXT, count)
        grown = sum(len(new) - (last - first) for first, last, new in group)
        old, made = end - begin, end - begin + grown
        yield f"@@ -{begin + 1},{old} +{begin + 1 + shift},{made} @@"
        yield from (f" {line}" for line in lines[begin : group[0][0]])
        bounds = [*group, (end, end, [])]
        for (first, last, new), (following, _, _) in pairwise(bounds):
            ends_here = not has_end and last == count
            yield from (f"-{line}" for line in lines[first:last])
            if ends_here and last > first:
                yield _LAST
            yield from (f"+{line}" for line in new)
            if ends_here and new:
                yield _LAST
            yield from (f" {line}" for line in lines[last:following])
        if not has_end and end == count and group[-1][1] < count:
            yield _LAST
        shift += grown


def _changed(text: str, starts: Sequence[int], edits: Sequence[Edit]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, line behind the last one, and new lines of each change; equal lines around it are left out."""
    grouped: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        first, last = bisect_right(starts, edit.begin) - 1, bisect_right(starts, max(edit.begin, edit.end - 1)) - 1
        if grouped and first <= grouped[-1][1]:
            grouped[-1] = (grouped[-1][0], max(last, grouped[-1][1]), [*grouped[-1][2], edit])
        else:
            grouped.append((first, last, [edit]))
    for first, last, some in grouped:
        begin, end = starts[first], starts[last + 1] - 1
        old = text[begin:end]
        moved = [Edit(one.begin - begin, one.end - begin, one.text) for one in some]
        olds, news = old.split("\n"), applied(old, moved).split("\n")
        while olds and news and olds[0] == news[0]:
            first, olds, news = first + 1, olds[1:], news[1:]
        while olds and news and olds[-1] == news[-1]:
            olds, news = olds[:-1], news[:-1]
        yield first, first + len(olds), news


def _quoted(name: str) -> str:
    """Return the name of a file as git writes it in a patch."""
    if re.search(r'["\\\x00-\x1f\x7f]', name):
        return json.dumps(name, ensure_ascii=False)
    return f"{name}\t" if " " in name else name
