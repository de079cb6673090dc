"""``consolidate`` while others consolidate too, or forget what the model is being asked about."""

from __future__ import annotations

from datetime import timedelta

from small_world import CONVERSATION, extraction, in_all, scripted

from agentmem.errors import LLMUnavailable


def test_a_lease_keeps_others_out_until_it_runs_out(opened, clock):
    seen = []

    def answer(request):
        seen.append(second.consolidate().built[0].stopped)
        return extraction(request)

    first = opened("facts", scripted(extract=answer))
    second = opened("facts", scripted())
    first.add(CONVERSATION[:3])
    assert first.consolidate().done and seen == ["another process is at it"]
    assert len(in_all(first, "fact")) == 3


def test_a_lease_that_was_taken_over_stops_the_first(opened, clock):
    def answer(request):
        clock.advance(timedelta(minutes=11))
        second.consolidate()
        return extraction(request)

    first = opened("facts", scripted(extract=answer))
    second = opened("facts", scripted())
    first.add(CONVERSATION)
    done = first.consolidate()
    assert done.built[0].units == 0
    assert len(in_all(first, "fact")) == 5 and first.consolidate().done


def test_what_is_forgotten_while_the_model_thinks_is_not_built_and_the_rest_is(opened):
    def answer(request):
        if "Misty" in request.prompt.variables["text"] and not gone:
            gone.append(first.forget(ids=[ids[0]], compact=False))
        return extraction(request)

    gone = []
    first = opened("facts", scripted(extract=answer))
    ids = first.add(CONVERSATION).ids
    done = first.consolidate()
    assert done.done, done
    texts = sorted(memory.text for memory in in_all(first, "fact"))
    assert len(texts) == 4 and not any("adopted" in text for text in texts)
    first.consolidate()
    assert sorted(memory.text for memory in in_all(first, "fact")) == texts


def test_a_reply_about_what_was_forgotten_meanwhile_is_not_kept(opened, database):
    def answer(request):
        if not gone:
            gone.append(first.forget(ids=[ids[0]]))
        return extraction(request)

    gone = []
    first = opened("facts", scripted(extract=answer))
    ids = first.add(CONVERSATION[:3]).ids
    assert first.consolidate().done and len(in_all(first, "fact")) == 2
    assert [file for file in database.parent.iterdir() if b"adopted" in file.read_bytes()] == []


def test_what_is_forgotten_while_the_model_fails_is_no_longer_waiting(opened):
    def answer(_request):
        if not gone:
            gone.append(first.forget(ids=[ids[0]], compact=False))
        return LLMUnavailable("no")

    gone = []
    first = opened("facts", scripted(extract=answer))
    ids = first.add(CONVERSATION[:3]).ids
    done = first.consolidate()
    assert done.built[0].waiting == 2 and len(done.failures) == 1


def test_a_failure_after_the_lease_was_lost_does_not_bring_done_work_back(opened, clock):
    def answer(_request):
        clock.advance(timedelta(minutes=11))
        second.consolidate()
        return LLMUnavailable("no")

    first = opened("facts", scripted(extract=answer))
    second = opened("facts", scripted())
    first.add(CONVERSATION[:3])
    first.consolidate()
    clock.advance(days=2)
    assert first.consolidate().done and len(in_all(first, "fact")) == 3
