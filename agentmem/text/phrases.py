"""When two phrases name the same entity: their normal form."""

from __future__ import annotations

import re
import unicodedata

_NEITHER = re.compile(r"[^a-z0-9]+")


def normalise(phrase: str) -> str:
    """The form under which an entity is known: lower case, only letters, digits and single spaces.

    HippoRAG's normalisation, except that letters of every script, accents and vowel signs are kept: the published
    code keeps ``[A-Za-z0-9 ]`` and so makes one empty entity of all names in Chinese. Applied twice it changes nothing.
    """
    lowered = phrase.lower()
    if lowered.isascii():
        return _NEITHER.sub(" ", lowered).strip()
    composed = unicodedata.normalize("NFC", lowered)
    return " ".join("".join(c if _part_of_word(c) else " " for c in composed).split())


def is_too_short(phrase: str) -> bool:
    """Whether a phrase has at most 2 letters or digits: its vector means too little to say what it is like.

    A character as wide as two counts as two, for it says as much: a Chinese name of two characters is a whole name.
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in phrase if c.isalnum()) <= 2


def _part_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
