"""What is taken away, and what is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import Redaction
from agentmem.errors import InvalidInput
from agentmem.redaction import PATTERNS, Pattern
from agentmem.redaction.checksums import luhn, mod_97

TAKEN = [
    ("write to ana.silva+work@mail.example.co.uk today", "write to [EMAIL] today"),
    ("ANA@EXAMPLE.ORG, please", "[EMAIL], please"),
    ("call +351 912 345 678 tonight", "call [PHONE] tonight"),
    ("call +1 (415) 555-2671.", "call [PHONE]."),
    ("call (415) 555-2671 or 415-555-2671", "call [PHONE] or [PHONE]"),
    ("Brussels: 02 555 12 34", "Brussels: [PHONE]"),
    ("card 4111 1111 1111 1111, please", "card [CARD], please"),
    ("card 5500-0000-0000-0004", "card [CARD]"),
    ("to GB82 WEST 1234 5698 7654 32 by Friday", "to [IBAN] by Friday"),
    ("to DE89370400440532013000", "to [IBAN]"),
    ("SSN 078-05-1120", "SSN [SSN]"),
    ("it came from 93.184.216.34", "it came from [IP_ADDRESS]"),
    ("it came from 2001:db8::ff00:42:8329 at noon", "it came from [IP_ADDRESS] at noon"),
    ("my key is sk-proj-abcdEFGH1234567890xyz", "my key is [API_KEY]"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[API_KEY]"),
    ("AKIAIOSFODNN7EXAMPLE", "[API_KEY]"),
    ("the password is hunter2!", "the password is [PASSWORD]"),
    ("PASSWORD=correct-horse-1 and more", "PASSWORD=[PASSWORD] and more"),
    ("postgres://ana:s3cret@db.internal/app", "postgres://ana:[PASSWORD]@db.internal/app"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92", "[TOKEN]"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nafter", "[PRIVATE_KEY]\nafter"),
]
KEPT = [
    "On 2023-05-07 14:30 we met; the next time is 7/5/2024 or 07.05.2024.",
    "From 1990 to 2023-12-31, 10:15 to 12:45.",
    "It cost 1,234,567.89 euros, or 12 345 678 in the old money.",
    "Order 4111111111111112 has no check digit.",
    "The chapters 1-2-3 and the version 1.2.3.4567 are out.",
    "Room 101, floor 3, gate B22, flight LH 1234, at 06:30.",
    "I forgot my password again, the password is wrong, and the secret key to happiness is patience.",
    "Ana @ the office, mail me; ratio 3:4:5, at 12:30:45.",
    "127.0.0.1 is home.",
    "IS 12 GOOD WORD HERE OKAY a number?",
    "ISBN 978-3-16-148410-0, population 10 300 000, between 2010-2015.",
    "Beethoven wrote 9 symphonies, 32 sonatas and 16 quartets: 1770-1827.",
]


@pytest.mark.parametrize(("text", "left"), TAKEN, ids=[left for _text, left in TAKEN])
def test_what_is_personal_is_taken_away(text, left):
    assert Redaction()(text) == left


@pytest.mark.parametrize("text", KEPT, ids=[text[:24] for text in KEPT])
def test_what_only_looks_so_stays(text):
    assert Redaction()(text) == text


@pytest.mark.parametrize(("text", "left"), TAKEN, ids=[left for _text, left in TAKEN])
def test_what_was_redacted_is_not_touched_again(text, left):
    assert Redaction()(left) == left


def test_the_check_digit_of_luhn_by_hand():
    # 7992739871 + check digit 3: from the right 3, 1->2, 7, 8->16->7, 9, 3->6, 7, 2->4, 9, 9->18->9, 7; their sum is 70
    assert luhn("79927398713")
    assert not luhn("79927398710")


def test_the_check_digits_of_an_account_by_hand():
    # The account "1" of a country "XX" (X counts as 33) with check digits 13: 1333313 = 13745 * 97 + 48. The check
    # digits that make the remainder 1 are 13 + 97 + 1 - 48 = 63: 1333363 = 13746 * 97 + 1.
    assert mod_97("XX63 1")
    assert not mod_97("XX13 1")
    assert mod_97("GB82WEST12345698765432")
    assert not mod_97("GB83WEST12345698765432")


def test_patterns_can_be_left_out_and_added():
    badge = Pattern("BADGE", re.compile(r"\bB-\d{4}\b"))
    redact = Redaction((*PATTERNS, badge), leave=["EMAIL"])
    assert redact("ana@example.org has B-1234, +351 912 345 678") == "ana@example.org has [BADGE], [PHONE]"


def test_a_name_that_no_pattern_has_is_refused():
    with pytest.raises(InvalidInput, match="No pattern is called EMIAL"):
        Redaction(leave=["EMIAL"])


def test_a_key_tells_values_apart_and_does_not_tell_them():
    redact = Redaction(key=b"of this store")
    ana, ben, again = redact("ana@example.org, ben@example.org, ana@example.org").split(", ")
    assert ana == again != ben
    assert re.fullmatch(r"\[EMAIL [0-9a-f]{4}\]", ana)
    assert Redaction(key=b"of another")("ana@example.org") != ana


@given(st.text())
def test_any_text_is_redacted_once_and_for_all(text):
    once = Redaction()(text)
    assert Redaction()(once) == once


@given(st.emails(), st.text(alphabet=st.characters(categories=["L", "Zs", "Po"], exclude_characters="@.+-'_")))
def test_no_plain_address_is_left(address, around):
    if re.fullmatch(r"[A-Za-z0-9]+@[a-z]+\.[a-z]{2,6}", address):
        assert address not in Redaction()(f"{around} {address} {around}")
