"""Long documents are cut at borders and covered by their pieces; any text comes back as it went in."""

from __future__ import annotations

import pytest

from agentmem import Document


@pytest.mark.parametrize("separator", [". ", "\n\n", " ", "。", "\r\n"])
def test_every_piece_of_a_document_is_the_text_at_its_span(handle, separator):
    text = "  " + separator.join(f"Sentence {i} tells of 東京 and \U0001f9a6 otters" for i in range(120)) + "\n"
    receipt = handle.add(Document(text, title="Otters"))
    stored = handle.episode(receipt.episodes[0]).text
    assert stored == text and len(receipt.ids) > 1
    covered = set()
    for id in receipt.ids:
        memory = handle.get(id)
        (source,) = memory.sources
        assert text[source.start : source.end] == memory.text and memory.title == "Otters"
        covered.update(range(source.start, source.end))
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


def test_pieces_of_a_document_are_listed_in_reading_order(handle):
    text = ". ".join(f"Sentence number {i} of the book" for i in range(200))
    receipt = handle.add(text)
    starts = [memory.sources[0].start for memory in handle.list()]
    assert starts == sorted(starts) and [memory.id for memory in handle.list()] == list(receipt.ids)


def test_a_document_without_borders_is_still_cut_to_what_a_model_reads(handle):
    receipt = handle.add("x" * 5_500)
    assert "".join(handle.get(id).text for id in receipt.ids) == "x" * 5_500
    assert max(len(handle.get(id).text) for id in receipt.ids) <= 1_000


@pytest.mark.timeout(20)
def test_a_long_run_of_blanks_takes_time_in_proportion(handle):
    import time

    def seconds(blanks: int) -> float:
        started = time.perf_counter()
        handle.add("a" + " " * blanks + "b")
        return time.perf_counter() - started

    seconds(100)
    assert seconds(20_000) < 0.5


@pytest.mark.timeout(60)
def test_ten_megabytes_of_text_go_in_and_come_back(store):
    sentence = "The otters of bay number {} slept until the tide came in. "
    text = "".join(sentence.format(i % 97) for i in range(10_000_000 // 57))
    handle = store.scope("big")
    receipt = handle.add(text)
    assert handle.episode(receipt.episodes[0]).text == text
    assert len(receipt.ids) == handle.stats().memories == handle.stats().vectors
    assert handle.retrieve("otters of bay number 41", k=1)[0].id in receipt.ids


@pytest.mark.parametrize(
    "text",
    [
        "NUL\x00inside\x01\x02",
        "\x00",
        "\u200b",
        "\ufeffwith a mark of byte order",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 family",
        "שלום עולם \u202eabc\u202c",
        "Z\u0351\u036b\u0343a\u0363\u0366l\u030ag\u0353o\u0353",
        "e\u0301 is not \u00e9",
        "line\r\nline\rline\u2028line\x85line",
        "'; DROP TABLE memories; --",
        "%s %d {} \\x00 \\",
        "?!",
        "the",
        "東京タワー",
        "\u0e01\u0e32\u0e23",
        "\U0010ffff",
        "\ud83d\ude00 joined",
    ],
)
def test_any_text_comes_back_as_it_went_in_and_is_found_by_itself(handle, text):
    handle.add(["something else", "other words entirely"])
    (id,) = handle.add(text).ids
    stored = text.encode("utf-16", "surrogatepass").decode("utf-16")
    assert handle.get(id).text == stored
    assert id in [hit.id for hit in handle.retrieve(stored, k=2)]
