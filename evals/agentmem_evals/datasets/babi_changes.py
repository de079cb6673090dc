"""Pairs of statements with known relations, made from bAbI's stories: what changes a state, and what does not.

Of a story's statements about one slot (where a person is, who has a thing), each is paired with the one before it in
that slot: it supersedes it, or ends it ("is no longer in the kitchen", "put down the milk"). Statements about different
people, about different things, or about a person's place and a thing that the person carries, are independent.
Pairs whose relation a reader could argue about are left out: those of people who overlap in part ("Mary and John …",
"Mary and Sandra …"), denials of another place than the last one, and going where one is already.

The official files are the English ones of tasks_1-20_v1-2, ``qa<n>_…_train.txt`` (Weston et al. 2015, arXiv 1502.05698;
CC BY 3.0).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentmem.updating.decision import Relation
from agentmem_evals.datasets.babi_statements import Told, Verb, read_stories
from agentmem_evals.datasets.pairs import LabelledPair, LabelledPairs, Statement
from agentmem_evals.datasets.sampling import chosen
from agentmem_evals.environment import DATA_VARIABLE
from agentmem_evals.errors import DataNotFound

NAME = "babi"
TASKS = (1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13)
"""The tasks whose stories are about where people are and what they carry."""
PLACE, THING, OTHER_PERSON, OTHER_THING, OTHER_SLOT = "place", "thing", "other-person", "other-thing", "other-slot"
KINDS = (PLACE, THING, OTHER_PERSON, OTHER_THING, OTHER_SLOT)
PER_TASK = 40
"""Pairs of a kind from one task. The vocabulary is small: more pairs would hardly be other ones."""

_REACH = 10
"""How many statements back an unrelated one is drawn from."""
_TASK = re.compile(r"qa(\d+)_.*_train\.txt")
_BEGINNING = datetime(2000, 1, 1, 8, tzinfo=UTC)
_PLACED = frozenset({Verb.WENT, Verb.IS})


def find_babi(given: Path | None, root: Path | None) -> tuple[Path, ...]:
    """The training files of :data:`TASKS`: ``given`` (one file, or a folder that holds them), else in ``root``.

    Raises:
        DataNotFound: none, or not all of them, are there.
    """
    if given is not None and given.is_file():
        return (given,)
    place = given if given is not None else root
    for folder in () if place is None else (place, place / NAME):
        found = {_number(path): path for path in sorted(folder.glob("qa*_train.txt"))}
        if missing := [task for task in TASKS if task not in found]:
            if found:
                raise DataNotFound(f"{folder} lacks the training files of bAbI's tasks {missing}. Get all twenty.")
            continue
        return tuple(found[task] for task in TASKS)
    looked = f"{place} holds none" if place is not None else f"neither --data nor ${DATA_VARIABLE} is given"
    raise DataNotFound(
        f"The data set {NAME!r} is bAbI's training files qa<n>_*_train.txt, and {looked}. Get the folder 'en' of "
        f"tasks_1-20_v1-2 (CC BY 3.0), then pass --data FOLDER, or set ${DATA_VARIABLE} to a folder that holds {NAME}/."
    )


def load_babi(paths: Sequence[Path], per_task: int = PER_TASK) -> LabelledPairs:
    """Pairs from these tasks: at most ``per_task`` of a kind from each file, drawn at random, the same every time.

    No two pairs have the same words on both sides.

    Raises:
        DataFormatError: a file is not one of a task in :data:`TASKS`.
    """
    contents = [path.read_bytes() for path in paths]
    seen: set[tuple[str, str]] = set()
    pairs: list[LabelledPair] = []
    for path, content in zip(paths, contents, strict=True):
        task = path.name.partition("_")[0]
        stories = list(read_stories(content.decode("utf-8"), path.name))
        made = [pair for number, story in enumerate(stories) for pair in _of_story(task, number, story)]
        for kind in KINDS:
            fresh: dict[tuple[str, str], LabelledPair] = {}
            for pair in made:
                words = (pair.older.text, pair.newer.text)
                if pair.kind == kind and words not in seen:
                    fresh.setdefault(words, pair)
            drawn = chosen(tuple(fresh.values()), per_task, f"{task} {kind}")
            seen.update((pair.older.text, pair.newer.text) for pair in drawn)
            pairs += drawn
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()
    return LabelledPairs(NAME, ", ".join(path.name for path in paths), digest, tuple(pairs))


def _number(path: Path) -> int:
    match = _TASK.fullmatch(path.name)
    return int(match[1]) if match else 0


def _of_story(task: str, number: int, story: Sequence[Told]) -> Iterator[LabelledPair]:
    for kind, older, newer, relation in (*_changes(story), *_unrelated(story, f"{task} {number}")):
        yield LabelledPair(
            id=f"{task}-{number + 1}-{older.line}-{newer.line}",
            kind=kind,
            older=_statement(older, number),
            newer=_statement(newer, number),
            relation=relation,
        )


_Labelled = tuple[str, Told, Told, Relation]


def _changes(story: Sequence[Told]) -> Iterator[_Labelled]:
    last: dict[str, Told] = {}
    for newer in story:
        before = {last.get(slot) for slot in newer.slots}
        older = before.pop() if len(before) == 1 else None
        if older is not None and set(older.slots) == set(newer.slots):
            relation = _of_things(newer) if newer.handles else _of_places(older, newer)
            if relation is not None:
                yield THING if newer.handles else PLACE, older, newer, relation
        last.update(dict.fromkeys(newer.slots, newer))


def _of_things(newer: Told) -> Relation:
    """Who puts a thing down has it no longer, and nobody has it instead; who takes or is given it has it now."""
    return Relation.CANCELS if newer.verb is Verb.DROPPED else Relation.SUPERSEDES


def _of_places(older: Told, newer: Told) -> Relation | None:
    """What the newer whereabouts of the same people are to the older ones; ``None`` where it can be argued about."""
    same = older.what == newer.what
    if older.verb in _PLACED and newer.verb in _PLACED:
        return None if same else Relation.SUPERSEDES
    if older.verb in _PLACED and same:
        return Relation.CANCELS if newer.verb is Verb.NO_LONGER else Relation.SUPERSEDES
    return Relation.SUPERSEDES if newer.verb in _PLACED and same else None


def _unrelated(story: Sequence[Told], seed: str) -> Iterator[_Labelled]:
    """Each statement with one earlier statement, drawn at random, of each kind that says nothing about it."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    for position, newer in enumerate(story):
        near = story[max(0, position - _REACH) : position]
        for kind in (OTHER_PERSON, OTHER_THING, OTHER_SLOT):
            if earlier := [older for older in near if _is_of_kind(kind, older, newer)]:
                yield kind, chance.choice(earlier), newer, Relation.INDEPENDENT


def _is_of_kind(kind: str, older: Told, newer: Told) -> bool:
    things = older.handles + newer.handles
    common = set(older.people) & set(newer.people)
    if kind == OTHER_PERSON:
        return things == 0 and not common
    if kind == OTHER_THING:
        return things == 2 and older.what != newer.what
    return things == 1 and bool(common)


def _statement(told: Told, story: int) -> Statement:
    """Stories happen on days of their own, a minute a line. Nobody is quoted: a story has no speaker."""
    at = _BEGINNING + timedelta(days=story, minutes=told.line)
    return Statement(told.text, at, None, told.people[0] if told.handles else " and ".join(told.people))
