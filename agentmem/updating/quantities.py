"""The numbers of a text with their units, in one notation: "two" and "2.0" are one, "5 km" and "5 miles" are not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from agentmem.updating.dates import dates
from agentmem.updating.reading import CARDINALS, read

_NUMBER = re.compile(
    r"(?P<money>[$€£])?\s?(?P<sign>(?<![\w-])[-−])?(?P<digits>\d+(?:,\d{3})*(?:[.]\d+)*)(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"(?P<glued>%|[a-z°]{1,5}\b)?|\b(?P<word>[a-z]+)\b",
    re.IGNORECASE,
)
_WORDS = CARDINALS | {
    "once": "1", "twice": "2", "thrice": "3", "couple": "2", "both": "2", "dozen": "12", "half": "0.5", "single": "1",
    "first": "1st", "second": "2st", "third": "3st", "fourth": "4st", "fifth": "5st", "sixth": "6st", "seventh": "7st",
    "eighth": "8st", "ninth": "9st", "tenth": "10st",
}  # fmt: skip
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "k": 1_000,
    "m": 1_000_000,
}
_ONE_IS_A_PRONOUN = re.compile(
    r"\b(?:no|any|some|every|the|this|that|which|each)\s+one\b|\bone\s+(?:of|another|day|should|can|must)\b|\b(?:half|second)\s+(?:of|the)\b",
    re.IGNORECASE,
)
_UNITS = {
    name: unit
    for unit, names in {
        "km": "km kilometre kilometer", "m": "metre meter", "cm": "cm centimetre centimeter", "mile": "mile mi",
        "kg": "kg kilo kilogram", "g": "gram gramme", "mg": "mg milligram", "lb": "lb lbs", "h": "hour hr h",
        "min": "minute min", "s": "sec", "day": "day", "week": "week", "month": "month", "year": "year yr",
        "dollar": "dollar $ usd", "euro": "euro € eur", "pound": "pound £ gbp", "%": "% percent",
        "litre": "litre liter", "gb": "gb gigabyte", "mb": "mb megabyte", "tb": "tb terabyte", "°": "degree °",
    }.items()
    for name in names.split()
}  # fmt: skip
_SMALLER = {"h": ("min", 60), "km": ("m", 1000), "kg": ("g", 1000), "week": ("day", 7), "year": ("month", 12)}


class Quantity(NamedTuple):
    """A number in normal form (``"1st"`` for ordinals: ``"3st"``), and its unit, empty where none is known."""

    value: str
    unit: str


@lru_cache(maxsize=20_000)
def quantities(text: str) -> frozenset[Quantity]:
    """Every number of the text that is not part of a date."""
    undated = dates(read(text).text)[1]
    plain = _ONE_IS_A_PRONOUN.sub(" ", undated)
    found: list[Quantity] = []
    matches = list(_NUMBER.finditer(plain))
    for place, match in enumerate(matches):
        value = _value(match)
        if value is None:
            continue
        after = [other["word"].lower() if other["word"] else "" for other in matches[place + 1 : place + 3]]
        glued = (match["glued"] or "").lower() if not match["word"] else ""
        if (
            place
            and (last := _value(matches[place - 1]))
            and found
            and _joins(last, value, plain, matches[place - 1], match)
        ):
            found[-1] = Quantity(_plus(found[-1].value, value), _unit(after))
            continue
        for scale in [
            word for word in (glued, *after[:1]) if word in _SCALES and not (word == "m" and not match["money"])
        ]:
            value = _times(value, _SCALES[scale])
        if glued and glued not in _UNITS and glued not in _SCALES:
            value += glued  # "5b" is a name, not a number
        unit = _UNITS.get(match["money"] or glued, "") if not match["word"] else ""
        found.append(Quantity(value, unit or _unit(after)))
    return frozenset(_converted(quantity) for quantity in found)


def _converted(quantity: Quantity) -> Quantity:
    """In the smaller unit, where there is one: half an hour is 30 minutes."""
    if quantity.unit not in _SMALLER or not quantity.value.replace(".", "", 1).isdigit():
        return quantity
    unit, factor = _SMALLER[quantity.unit]
    return Quantity(_times(quantity.value, factor), unit)


def _value(match: re.Match[str]) -> str | None:
    if match["word"]:
        return _WORDS.get(match["word"].lower())
    whole, _, fraction = match["digits"].replace(",", "").partition(".")
    fraction = fraction if "." in fraction else fraction.rstrip("0")  # a version is no fraction
    number = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return ("-" if match["sign"] else "") + number + ("st" if match["ordinal"] else "")


def _joins(last: str, value: str, text: str, before: re.Match[str], match: re.Match[str]) -> bool:
    """Whether two words make one number: "twenty-five"."""
    between = text[before.end() : match.start()]
    tens = last.isdigit() and int(last) in range(20, 100, 10)
    return (
        bool(before["word"] and match["word"])
        and tens
        and between in ("-", " ")
        and value.isdigit()
        and 0 < int(value) < 10
    )


def _unit(after: list[str]) -> str:
    for word in after:
        if word in _SCALES or word in ("of", "a", "an"):
            continue
        return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"), "")
    return ""


def _plus(tens: str, ones: str) -> str:
    return str(int(tens) + int(ones))


def _times(value: str, scale: int) -> str:
    try:
        product = float(value) * scale
    except ValueError:
        return value
    return str(int(product)) if product == int(product) else str(product)
