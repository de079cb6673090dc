"""Addresses: what names are compared by where a hook may change them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentmem.redaction import Redaction
from agentmem.redaction.addresses import address_of, digest_of, shown_name, stored_name

NAMES = st.one_of(st.text(), st.emails(), st.sampled_from(["+43 660 1234567", "10.0.0.7", "4111 1111 1111 1111"]))


@given(name=NAMES)
def test_redaction_leaves_an_address_alone_and_the_name_that_is_shown_has_the_same(name: str) -> None:
    redact, address = Redaction(), address_of(name)
    assert redact(address) == address and address.isalpha()
    shown = shown_name(redact(stored_name(name)), address)
    assert address_of(shown) == address
    assert shown_name(redact(stored_name(shown)), address) == shown  # stored again under the name that is shown


@given(one=st.lists(NAMES, max_size=3), other=st.lists(NAMES, max_size=3))
def test_names_have_one_digest_only_if_they_are_the_same(one: list[str], other: list[str]) -> None:
    assert (digest_of(*one) == digest_of(*other)) == (one == other)


def test_a_name_that_redaction_leaves_is_shown_as_it_is() -> None:
    assert shown_name("notes.md", address_of("notes.md")) == "notes.md"
    assert shown_name("[EMAIL]", address_of("ana@example.org")) == f"[EMAIL]~{address_of('ana@example.org')}"
