"""Saved output of a language model: what is read from each format, and the replies that the library is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agentmem_evals.datasets.catalog import find_data, load_dataset
from agentmem_evals.datasets.recorded import Recorded, read_recorded
from agentmem_evals.datasets.replies import Extracted, Fact, as_reply, from_fact_lines, part_of
from agentmem_evals.errors import DataFormatError, DataNotFound, EvalError
from agentmem_evals.systems.replay import recordings
from agentmem_evals.systems.units import units
from agentmem_evals.types import Corpus, Dataset, Passage

DATA = Path(__file__).parent / "data"
OPENIE = DATA / "musique" / "openie_small.json"
FACTS = DATA / "facts_small.jsonl"


@pytest.fixture
def musique() -> Dataset:
    return load_dataset("musique", find_data("musique", None, DATA), captions=True)


def read(dataset: Dataset, *, openie: Path | None = None, facts: str | None = None, data: Path = DATA) -> Recorded:
    recorded = read_recorded(dataset, data, openie, facts)
    assert recorded is not None
    return recorded


def test_nothing_asked_is_nothing_read(small: Dataset) -> None:
    assert read_recorded(small, DATA, None, None) is None


def test_saved_triples_find_their_passages_and_broken_ones_are_dropped(musique: Dataset) -> None:
    found = read(musique, openie=OPENIE).extracted["musique"]
    assert list(found) == ["0", "1", "2", "3", "4"]
    assert found["0"].entities == ("Tern Island Light", "Tern Island", "Mara Velden", "1911")
    assert found["0"].triples == (
        ("Tern Island Light", "is a", "lighthouse"),
        ("Tern Island Light", "designed by", "Mara Velden"),
    )
    assert len(found["1"].triples) == 2  # the third has no predicate
    assert found["4"] == Extracted()


def test_hipporags_wrapper_around_the_list_is_read_too(musique: Dataset, tmp_path: Path) -> None:
    docs = [{**doc, "passage": f"{doc['title']}\n{doc['text']}"} for doc in json.loads(OPENIE.read_text())]
    path = tmp_path / "openie.json"
    path.write_text(json.dumps({"docs": docs, "avg_ent_chars": 9}))
    assert read(musique, openie=path).extracted == read(musique, openie=OPENIE).extracted


def test_observations_name_turns_lists_of_turns_and_turns_that_are_not_there(small: Dataset, small_path: Path) -> None:
    found = read(small, facts="observations", data=small_path).extracted
    assert found["conv-1"]["session_1"] == Extracted(
        facts=(
            Fact("Ada joined a pottery class on 7 May 2023.", "Ada", ("D1:1",)),
            Fact("Ada's first bowl cracked while Ben was repairing his boat.", "Ada", ("D1:3", "D1:2")),
            Fact("Ben spent the week repairing his red sailing boat.", "Ben", ("D1:2",)),
            Fact("Ben likes boats.", "Ben", ()),
        ),
        summary="Ada took up pottery and Ben repaired his boat.",
    )
    assert list(found["conv-1"]) == ["session_1", "session_2", "session_10"] and list(found["conv-2"]) == ["session_1"]


def test_facts_of_a_session_are_read_from_both_shapes_and_count_once(small: Dataset) -> None:
    found = read(small, facts=str(FACTS))
    assert found.extracted == {
        "conv-1": {
            "session_1": Extracted(facts=(Fact("Ada joined a pottery class."),)),
            "session_10": Extracted(facts=(Fact("Ada has a greyhound called Comet", "Ada"),)),
        }
    }
    assert found.describe() == {"kind": "facts", "file": "facts_small.jsonl", "sha256": found.sha256, "replies": 2}


def test_a_fact_told_of_two_people_is_about_neither() -> None:
    line = {"sample_id": "c", "session": "s", "memory": "They met."}
    found = from_fact_lines([{**line, "owner": "Ada"}, {**line, "owner": "Ben"}, {**line, "owner": "Ada"}])
    assert found["c"]["s"].facts == (Fact("They met."),)


def test_a_line_separator_inside_a_fact_is_not_the_end_of_a_line(small: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(json.dumps({"sample_id": "conv-1", "session": "s", "text": "a\u2028b"}, ensure_ascii=False))
    assert read(small, facts=str(path)).extracted["conv-1"]["s"].facts == (Fact("a\u2028b"),)


def test_a_session_without_output_is_an_empty_one_and_a_conversation_without_is_refused(small: Dataset) -> None:
    found = read(small, facts=str(FACTS))
    assert found.about(small.bodies[0])["session_2"] == Extracted()
    with pytest.raises(EvalError, match="no facts about conv-2, only about conv-1"):
        found.about(small.bodies[1])


def test_a_passage_without_output_is_refused(musique: Dataset) -> None:
    (corpus,) = musique.bodies
    assert isinstance(corpus, Corpus)
    more = Corpus("musique", (*corpus.passages, Passage("5", "New", "Nobody read this.")))
    with pytest.raises(EvalError, match="no entry for 1 of 6 passages; the first is 'New'"):
        read(musique, openie=OPENIE).about(more)


@pytest.mark.parametrize("content", ["no json", "[1]", '[{"title": "t"}]', "{}", "3"])
def test_another_format_is_a_typed_refusal(musique: Dataset, small: Dataset, tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(DataFormatError, match="file cannot be replayed"):
        read(musique, openie=path)
    with pytest.raises(DataFormatError, match="Expected is one JSON object a line"):
        read(small, facts=str(path))


def test_a_missing_file_and_the_wrong_kind_of_data_are_refused(musique: Dataset, small: Dataset) -> None:
    with pytest.raises(DataNotFound, match="takes 'observations', or a file"):
        read(small, facts="observation")
    with pytest.raises(EvalError, match="use --facts"):
        read(small, openie=OPENIE)
    with pytest.raises(EvalError, match="use --openie"):
        read(musique, facts="observations")


def test_a_reply_numbers_the_lines_of_the_items() -> None:
    extracted = Extracted(
        entities=("Ada",),
        triples=(("Ada", "has", "Comet"),),
        facts=(Fact("Ada has Comet.", "Ada", ("b", "a")), Fact("Ada is kind.")),
        summary="Ada.",
    )
    assert as_reply(extracted, {"a": [0, 1], "b": [2]}) == {
        "entities": ["Ada"],
        "triples": [{"subject": "Ada", "predicate": "has", "object": "Comet", "source": []}],
        "facts": [
            {
                "text": "Ada has Comet.",
                "speaker": "Ada",
                "subject": "Ada",
                "time": None,
                "keys": [],
                "source": [0, 1, 2],
            },
            {"text": "Ada is kind.", "speaker": None, "subject": None, "time": None, "keys": [], "source": []},
        ],
        "summary": "Ada.",
    }
    assert as_reply(extracted, {"a": [0]})["triples"][0]["source"] == [0]


def test_a_text_read_in_parts_says_everything_once() -> None:
    extracted = Extracted(
        ("e",), (("s", "p", "o"),), (Fact("one", None, ("a",)), Fact("two", None, ("b",)), Fact("all")), "sum"
    )
    first, second = part_of(extracted, ["a"], first=True), part_of(extracted, ["b"], first=False)
    assert [fact.text for fact in first.facts] == ["one", "all"] and first.summary == "sum" and first.triples
    assert second == Extracted(facts=(Fact("two", None, ("b",)),))


def test_sessions_and_passages_become_the_units_that_structures_get(small: Dataset, musique: Dataset) -> None:
    sessions = dict(units(small.bodies[0]))
    assert list(sessions) == ["session_1", "session_2", "session_10"]
    assert [chunk.text for chunk in sessions["session_10"].chunks][
        1
    ] == "Comet is a lovely name. Does he like the beach?"
    assert [chunk.speaker for chunk in sessions["session_1"].chunks] == ["Ada", "Ben", "Ada"]
    assert [unit.chunks[0].title for _, unit in units(musique.bodies[0])][:2] == ["Tern Island Light", "Mara Velden"]


def test_turns_without_words_have_no_line(small_path: Path) -> None:
    without = load_dataset("locomo", small_path, captions=False)
    assert [episode.id for episode in dict(units(without.bodies[0]))["session_2"].episodes] == ["D2:2"]


def test_every_session_and_passage_has_a_recording(small: Dataset, small_path: Path, musique: Dataset) -> None:
    made = recordings(read(small, facts="observations", data=small_path), small.bodies)
    assert len(made) == 4 and {one.prompt_id for one in made} == {"extract"}
    assert made[0].variables["text"].split("\n")[0] == "[0] Ada: Hey Ben, I joined a pottery class yesterday."
    assert [fact["source"] for fact in json.loads(made[0].text)["facts"]] == [[0], [1, 2], [1], []]
    of_passages = recordings(read(musique, openie=OPENIE), musique.bodies)
    assert of_passages[2].variables == {"text": "[0] Oostmeer is a harbour town. Its mayor is Pieter Roos."}
    assert json.loads(of_passages[2].text)["triples"] == [
        {"subject": "Oostmeer", "predicate": "has mayor", "object": "Pieter Roos", "source": [0]}
    ]


def test_facts_of_no_conversation_are_none() -> None:
    assert from_fact_lines([{"sample_id": "c", "session": "s", "text": "  "}]) == {}
    with pytest.raises(KeyError):
        from_fact_lines([{"sample_id": "c", "session": "s"}])


@pytest.mark.data
def test_the_saved_triples_of_gpt35_cover_the_corpus(data_dir: Path) -> None:
    path = find_data("musique", data_dir, None)
    dataset = load_dataset("musique", path, captions=True)
    recorded = read(dataset, openie=data_dir / "musique" / "openie_gpt35.json")
    found = recorded.about(dataset.bodies[0])
    assert len(found) == 1890
    assert sum(len(one.triples) for one in found.values()) == 17234
    assert len(recordings(recorded, dataset.bodies)) == 1890


@pytest.mark.data
def test_the_observations_resolve(data_dir: Path) -> None:
    path = find_data("locomo", data_dir, None)
    dataset = load_dataset("locomo", path, captions=True)
    recorded = read(dataset, facts="observations", data=path)
    parts = [part for body in dataset.bodies for part in recorded.about(body).values()]
    facts = [fact for part in parts for fact in part.facts]
    assert (len(parts), len(facts), sum(not fact.items for fact in facts)) == (128, 1210, 0)
    assert sum(len(fact.items) > 1 for fact in facts) == 3 and all(part.summary for part in parts)


@pytest.mark.data
def test_the_fact_files_are_read(data_dir: Path) -> None:
    dataset = load_dataset("locomo", find_data("locomo", data_dir, None), captions=True)
    for name, bodies, count in (("hindsight_conv26_conv30", (0, 1), 1350), ("mem0_conv26", (0,), 432)):
        recorded = read(dataset, facts=str(data_dir / "locomo" / f"facts_{name}.jsonl"))
        parts = [part for number in bodies for part in recorded.about(dataset.bodies[number]).values()]
        assert sum(len(part.facts) for part in parts) == count
