"""The catalog's neighbour links, against links computed anew from all rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.index.catalog import FOREVER, NONE, Catalog
from agentmem.protocols import CatalogRow


def row(number: int, **fields) -> CatalogRow:
    values = {
        "row": number,
        "seq": number,
        "id": f"mem_{number}",
        "kind": "chunk",
        "text": "text",
        "title": None,
        "session": "s",
        "speaker": None,
        "role": None,
        "at": 0,
        "valid_from": 0,
        "valid_to": None,
        "superseded_at": None,
        "state": "active",
        "expires_at": None,
        "position": number,
        "start": 0,
        "pinned": False,
    }
    return CatalogRow(**(values | fields))


@dataclass
class Model:
    """What the catalog should know, as plain rows."""

    rows: dict[int, CatalogRow] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)

    def neighbours(self) -> dict[int, tuple[int, int]]:
        threads: dict[object, list[CatalogRow]] = {}
        for entry in self.rows.values():
            if entry.row not in self.dead and entry.superseded_at is None and entry.state == "active":
                thread = entry.session if entry.session is not None else ("document", entry.position)
                threads.setdefault(thread, []).append(entry)
        links = dict.fromkeys(self.rows, (NONE, NONE))
        for members in threads.values():
            order = [m.row for m in sorted(members, key=lambda m: (m.at, m.position, m.start, m.row))]
            for place, number in enumerate(order):
                before = order[place - 1] if place else NONE
                links[number] = (before, order[place + 1] if place + 1 < len(order) else NONE)
        return links


@st.composite
def arrivals(draw):
    session = draw(st.sampled_from(["s", "t", None]))
    return {"session": session, "at": draw(st.integers(0, 5)), "start": draw(st.integers(0, 2))}


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(arrivals(), min_size=1, max_size=4)),
        st.tuples(st.sampled_from(["kill", "revise", "retire", "restore", "mark"]), st.integers(0, 50)),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=300)
@given(CHANGES)
def test_links_are_what_a_computation_from_scratch_gives(changes) -> None:
    catalog, model, following = Catalog(), Model(), 1
    for verb, argument in changes:
        alive = [number for number in model.rows if number not in model.dead]
        if verb == "add":
            fresh = []
            for fields in argument:
                fresh.append(row(following, **fields))
                following += 1
        elif not alive:
            continue
        else:
            target = model.rows[alive[argument % len(alive)]]
            if verb == "kill":
                model.dead.add(target.row)
                catalog.kill(np.array([target.row, 9_999]))
                fresh = []
            elif verb == "revise":
                fresh = [target._replace(superseded_at=1, seq=following), row(following, **_place(target))]
                following += 1
            else:
                fresh = [target._replace(state="retired" if verb == "retire" else "active", pinned=verb == "mark")]
        if fresh:
            catalog.upsert(fresh)
            model.rows.update({entry.row: entry for entry in fresh})
        _check(catalog, model)


def _place(entry: CatalogRow) -> dict[str, object]:
    return {"session": entry.session, "at": entry.at, "start": entry.start, "position": entry.position}


def _check(catalog: Catalog, model: Model) -> None:
    columns = catalog.columns
    assert columns["row"].tolist() == sorted(model.rows)
    by_slot = {slot: int(number) for slot, number in enumerate(columns["row"])} | {NONE: NONE}
    found = {int(entry["row"]): (by_slot[int(entry["before"])], by_slot[int(entry["after"])]) for entry in columns}
    assert found == model.neighbours()


def test_slots_of_unknown_rows_are_none() -> None:
    catalog = Catalog()
    assert catalog.slots(np.array([1, 2])).tolist() == [NONE, NONE]
    catalog.upsert([row(3), row(7)])
    assert catalog.slots(np.array([1, 3, 5, 7, 9])).tolist() == [NONE, 0, NONE, 1, NONE]


def test_a_row_that_comes_again_changes_in_its_slot() -> None:
    catalog = Catalog()
    catalog.upsert([row(3, valid_to=None), row(7)])
    assert catalog.upsert([row(3, valid_to=5, speaker="Ana")]).tolist() == [0]
    assert catalog.columns["valid_to"].tolist() == [5, FOREVER]
    assert catalog.speakers.values[catalog.columns["speaker"][0]] == "Ana"


def test_questions_are_seen() -> None:
    catalog = Catalog()
    texts = ["Tea?", "Tea? Yes.", 'She said: "Tea?"', "Tea.", "Tea? [shares a picture of tea]"]
    catalog.upsert([row(number, text=text) for number, text in enumerate(texts, 1)])
    assert catalog.columns["asks"].tolist() == [True, True, True, False, True]
    assert catalog.columns["ends_asking"].tolist() == [True, False, True, False, True]
