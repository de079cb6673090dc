"""The SDK against a dictionary: whatever is done in whatever order, both tell the same.

Every rule does one thing to both (see deeds.py); after each, the invariants compare everything a caller can ask.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from deeds import SCOPES, Deeds
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from agentmem.errors import NotFound
from agentmem.types import State


class Model(Deeds):
    def live(self, scope):
        """What can be retrieved: active and, unless pinned, not expired."""
        return {
            id
            for id, k in self.known[scope].items()
            if k.state == "active" and (k.pinned or k.expires is None or k.expires > self.clock())
        }

    @invariant()
    def listing_and_getting_agree_with_the_model(self):
        if self.store is None:
            return
        for scope in SCOPES:
            self.compare_content(scope)
            for id in list(self.known[scope])[:3]:
                assert self.handle(scope).get(id).text == self.known[scope][id].text
            listed = self.listed(scope)
            assert [m.at for m in listed] == sorted(m.at for m in listed)
            active = {id for id, k in self.known[scope].items() if k.state == "active"}
            assert {m.id for m in self.listed(scope, state="active")} == self.live(scope)
            stats = self.handle(scope).stats()
            assert (stats.memories, stats.retired) == (len(active), len(listed) - len(active))

    @invariant()
    def what_was_true_is_told_as_it_was(self):
        if self.store is None:
            return
        for scope in SCOPES:
            for moment in (self.clock(), self.clock() - timedelta(days=2)):
                told = [(m.id, m.text) for m in self.listed(scope, as_of=moment)]
                assert len(told) == len({id for id, _ in told})
                for id, known in self.known[scope].items():
                    if known.state != "active":
                        continue
                    true = [text for since, text in known.truths if since <= moment]
                    assert dict(told).get(id) == (true[-1] if true else None)

    @invariant()
    def retrieval_finds_every_live_memory_by_its_own_text_and_none_of_another_scope(self):
        if self.store is None:
            return
        for scope in SCOPES:
            handle, live = self.handle(scope), self.live(scope)
            every = {hit.id for hit in handle.retrieve("otter", k=500)}
            assert every == live or (len(live) > 80 and every < live)
            for id in sorted(live)[-2:]:
                text = self.known[scope][id].text
                same = [k.text for k in self.known[scope].values()].count(text)
                found = handle.retrieve(text, k=5 + same)
                assert id in {hit.id for hit in found}, text
                assert all(0 <= hit.score <= 1 for hit in found)

    @invariant()
    def other_scopes_do_not_know_it(self):
        if self.store is None:
            return
        for scope in SCOPES:
            for id in list(self.known[scope])[:1]:
                for other in SCOPES:
                    if other != scope:
                        for verb in ("get", "history", "retire", "restore", "pin"):
                            with pytest.raises(NotFound):
                                getattr(self.handle(other), verb)(id)
                        with pytest.raises(NotFound):
                            self.handle(other).update(id, text="x")
                        with pytest.raises(NotFound):
                            self.handle(other).forget(ids=[id])

    @invariant()
    def the_database_is_sound(self):
        if self.store is not None:
            assert self.store.check() == ()

    @invariant()
    def the_journal_only_grows_and_versions_follow_one_another(self):
        if self.store is None:
            return
        for scope in SCOPES:
            head = self.handle(scope).stats().journal_head
            assert head >= self.heads[scope]
            self.heads[scope] = head
            for id, known in self.known[scope].items():
                history = self.handle(scope).history(id)
                assert [entry.version for entry in history] == list(range(1, known.version + 1))
                numbers = [change.seq for entry in history for change in entry.changes]
                assert len(numbers) == len(set(numbers)) and max(numbers) <= head
                for source in history[-1].memory.sources[:1]:
                    episode = self.handle(scope).episode(source.episode)
                    assert episode.text[source.start : source.end] == history[0].text


TestModel = Model.TestCase
TestModel.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def test_states_are_words():
    assert {str(state) for state in State} == {"active", "retired", "quarantined"}
