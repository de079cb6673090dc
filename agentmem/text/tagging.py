"""Words of a text with their coarse class, and names as one word each: what entities and triples are read from.

Each word is classified by short lists of English words and by its neighbours; names are runs of capitalised words. The
rules for names work in every script that has capitals; a text in a script without them has dates and numbers only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from agentmem.text.sentences import sentences
from agentmem.text.words import STOP_WORDS


class Word(NamedTuple):
    """A token, or several that make one name, with its class.

    Attributes:
        text: as it stands in the text.
        low: in lower case, with straight apostrophes.
        start: in code points.
        end: in code points.
        tag: ``N`` name, ``D`` date, ``#`` number, ``c`` other content word, ``v`` verb, ``x`` auxiliary,
            ``p`` preposition, ``d`` article or possessive pronoun, ``'`` the ending of a possessive, ``r`` personal
            pronoun, ``w`` relative or question word, ``&`` conjunction, ``a`` adverb or another stop word, ``,`` comma,
            ``.`` other punctuation.
    """

    text: str
    low: str
    start: int
    end: int
    tag: str


_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_YEAR = r"(?:1\d{3}|20\d\d)"
_DATE = (
    rf"\d{{4}}-\d\d-\d\d(?!\w)|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR}\b)?"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+{_YEAR}\b)?|\b{_MONTH},?\s+{_YEAR}\b"
    rf"|\b(?:January|February|April|June|July|August|September|October|November|December)\b"
    rf"|\b{_YEAR}(?:s\b|[-–]\d{{2,4}}\b|\b(?![,.]?\d))|\b\d{{1,2}}(?:st|nd|rd|th)\s+century\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)
_QUOTED = r'"(?P<q1>[^"\n]{2,80})"|“(?P<q2>[^”\n]{2,80})”|(?<!\w)[\'‘](?P<q3>[A-Z][^\'’\n]{2,60})[\'’](?!\w)'
_WHEN = (
    r"\b(?:[Yy]esterday|[Tt]oday|[Tt]omorrow|[Tt]onight|(?:[Ll]ast|[Nn]ext|[Tt]his|[Pp]ast)\s+(?:week(?:end)?|month|year"
    r"|night|morning|evening|afternoon|summer|winter|spring|fall|autumn|time))\b(?!')"
)
_TOKEN = re.compile(
    rf"(?P<date>{_DATE})|(?P<when>{_WHEN})|(?P<number>[$€£]?\d+(?:[.,]\d+)*(?:%|[^\W\d_]{{1,3}}\b)?(?![^\W_]))"
    rf"|(?P<word>(?:[^\W\d_]\.){{2,}}|[^\W\d_]\.(?=\s?[^\W\d_])|(?:St|Dr|Mr|Mrs|Ms|Mt|Jr|Sr|Prof|Gen|Lt|Ft)\."
    r"|\w+(?:[-–.&]\w+|['’](?!s\b)\w+)*)"
    rf"|(?P<genitive>['’]s\b|(?<=s)['’](?=\s\w))|(?P<quote>{_QUOTED})|(?P<mark>[^\w\s])"
)
"""One pass finds tokens of all sorts; each alternative is bounded or cannot be re-entered, so the time is linear."""

_PREPOSITIONS = frozenset(
    """in on at of for with by from to into onto about after before during since until through over under between
    among against within without near around across along toward towards behind beside besides beyond via per as
    like than upon inside outside throughout past despite except alongside including off up out down""".split()
)
_DETERMINERS = frozenset("a an the this these those my your his her its our their some any no every each".split())
_PRONOUNS = frozenset(
    """i me he him she it they them we us you myself himself herself itself themselves ourselves mine someone everyone
    anyone nobody something anything everything nothing""".split()
)
_RELATIVES = frozenset("who whom whose which that what where when why how while if because although though".split())
_CONJUNCTIONS = frozenset("and or but nor & yet so then".split())
AUXILIARIES = frozenset(
    """am is are was were be been being isn't aren't wasn't weren't have has had having haven't hasn't hadn't do does
    did don't doesn't didn't can could can't couldn't cannot will would won't wouldn't may might must shall should
    shouldn't i'm i've i'd i'll he's she's it's that's there's we're we've we'd we'll you're you've you'd you'll
    they're they've they'd they'll who's what's let's""".split()
)
_IRREGULAR = frozenset(
    """became began begun bought broke brought built came caught chose chosen cost cut did done drawn drew driven
    drove ate eaten fed fell felt fought found flew forgot gave given gone got grew grown heard held hit hung hurt
    kept knew known laid led left lent let lit lost made meant met paid put ran rang read rode rose risen said sang
    sat saw seen sent set shook shot showed shown shut slept sold spent spoke spoken spread stood stole stuck
    struck swam taken taught threw thought thrown told took tore understood went woke won wore worn wrote written
    born based known""".split()
)
VERBS = frozenset(
    """accept achieve act add admit adopt advise affect agree aim allow announce answer appear apply appoint argue
    arrive ask assist attack attend attract award base become begin believe belong blame border bring broadcast
    build buy call capture care carry cause celebrate change choose claim clean climb close collect combine come
    commission compete complete compose comprise conduct confirm connect conquer consider consist construct contain
    continue contribute control cook cover create cross cure dance deal decide declare defeat define deliver depend
    derive describe design destroy develop die direct discover discuss divide draw dream drive earn eat edit elect
    embrace employ enable end enjoy enter establish exist expand expect experience explain explore express extend
    face fail fall feature feel fight fill film find finish fix flow fly focus follow force form found gain get
    give go govern graduate grow guess happen hate have hear help hire hold hope host identify imagine improve
    include increase inspire intend introduce invade invent invite involve issue join jump keep kill know launch
    lead learn leave let lie like listen live locate lose love maintain make manage marry mean meet mention merge
    mind miss move name need note occupy occur offer open operate oppose organize own paint participate pass pay
    perform pick plan plant play portray practice prefer prepare present prevent produce promise promote propose
    protect prove provide publish pull push raise reach read realize receive recognize recommend record reduce
    refer reflect reject relate release remain remember remind remove replace represent require rescue resemble
    reside resign respond result retire return reveal ride rise rule run save say score search see seem sell send
    separate serve share show sign sing sit sleep speak spend stand star start state stay stop struggle study
    succeed suffer suggest supply support surround survive swim take talk teach tell tend think throw train
    translate travel treat try turn understand unite use visit volunteer wait wake walk want warn wash watch wear
    win wish wonder work worry write""".split()
)
_FILLERS = frozenset(
    """absolutely actually ah alright almost already always anyway aw awww away aww back bye cheers congrats currently
    definitely else especially even ever exactly finally gosh great haha hello hey hi hmm hopefully however indeed
    instead later maybe meanwhile moreover much mostly never nevertheless nope oh ok okay omg ooh originally
    perhaps please plus pretty probably quite rather really recently right sadly soon sorry still sure therefore
    thank thanks thus together totally typically unfortunately usually well whatever whenever wow ya yay yea yeah
    yep yes yet yo yup""".split()
)
_COMMON = (
    VERBS
    | _IRREGULAR
    | _FILLERS
    | frozenset(
        """although amazing another art awesome bad beautiful best better big congratulations cool current dear early
    easy everyone everything excited exciting family fantastic first five former four fun funny glad good goodbye happy
    hard home huge incredible interesting kids kind lately life little long lots lovely many more most music nature new
    next nice nothing old one others people perfect personally second several similarly since six slow someone
    something sounds strong super ten things three time today tomorrow tonight true two various welcome wonderful
    yesterday""".split()
    )
)
_JOINERS = frozenset("of the de del della di du des da dos von van der la le el al bin ibn &".split())
_AFTER_IS = frozenset("a an the not been".split())
_HONORIFICS = frozenset("mr mrs ms dr sir mr. mrs. ms. dr. president senator governor prof. professor captain".split())
_NUMBERED = frozenset("war article part phase chapter class section volume act".split())
_GENITIVE_NAMES = frozenset("day college church hospital school cathedral university island palace cup park".split())
LATIN = re.compile(r"[a-zÀ-ɏ'’.&-]+", re.IGNORECASE)


def tagged(text: str) -> Iterator[list[Word]]:
    """The sentences of a text as classified words; names, dates and numbers with their units are one word each."""
    drafts = []
    inside: set[str] = set()
    lower: set[str] = set()
    for start, end in sentences(text):
        draft = _tokens(text, start, end)
        drafts.append(draft)
        fresh = True
        for word in draft:
            if word.tag == "?":
                if not word.text[:1].isupper():
                    lower.add(word.low)
                elif not fresh:
                    inside.add(word.low)
            fresh = word.tag == "." and word.text not in "-–&%"
    for draft in drafts:
        yield _classified(_named(draft, inside, lower))


def _tokens(text: str, start: int, end: int) -> list[Word]:
    """Tokens with first guesses: ``?`` stands for a word whose class is open."""
    found: list[Word] = []
    position = start
    while match := _TOKEN.search(text, position, end):
        kind, part, position = match.lastgroup, match[0], match.end()
        if match["quote"]:
            inner = match["q1"] or match["q2"] or match["q3"]
            if not _is_title(inner):
                position = match.start() + 1
                found.append(Word(part[0], part[0], match.start(), position, "."))
                continue
            tag = "N"
        elif kind == "date":
            tag = "D"
        elif kind == "when":  # relative to whoever speaks: nothing to link by
            tag = "a"
        elif kind == "number":
            tag = "#"
        elif kind == "genitive":
            tag = "'"
        elif kind == "mark":
            tag = "," if part == "," else "."
        else:
            tag = "?"
        found.append(Word(part, part.lower().replace("’", "'"), match.start(), match.end(), tag))
    return found


def _is_title(quoted: str) -> bool:
    """Whether quotation marks hold a title and not speech: every word of weight is capitalised."""
    words = quoted.split()
    if not words or len(words) > 8 or quoted[-1] in ",;" or not quoted[0].isalnum():
        return False
    heavy = [word for word in words if word.lower() not in STOP_WORDS]
    return words[0][:1].isupper() and all(word[:1].isupper() or not word[:1].isalpha() for word in heavy)


def _named(draft: list[Word], inside: set[str], lower: set[str]) -> list[Word]:
    """Joins the words of a name, and numbers with their units."""
    found: list[Word] = []
    i, fresh = 0, True
    while i < len(draft):
        word, end, tag = draft[i], i + 1, draft[i].tag
        if tag == "D" and word.text[:4].isdigit() and found and found[-1].tag == "?" and found[-1].low in _DETERMINERS:
            if end < len(draft) and _is_capital(draft[end]):  # the 1960 Olympics
                end, tag = _name_end(draft, end), "N"
        elif tag == "#" and word.text[-1].isdigit() and end < len(draft) and _is_unit(draft[end]):
            end += 1
        elif _is_capital(word):
            stop = _name_end(draft, i)
            if word.low in _HONORIFICS and stop > end and draft[end].tag == "?" and draft[end].low not in _JOINERS:
                found.append(word._replace(tag="a"))  # the name is the same without it
                i, fresh = end, False
                continue
            if _opens_name(draft, i, inside, lower) if fresh else stop > end or not _is_shouted(word):
                end, tag = stop, "N"
        found.append(word if end == i + 1 and tag == word.tag else _joined(draft[i:end], tag))
        fresh = word.tag == "." and word.text not in "-–&%"
        i = end
    return found


def _joined(words: list[Word], tag: str) -> Word:
    text = "".join(
        (" " if before and before.end < word.start else "") + word.text
        for before, word in zip((None, *words), words, strict=False)
    )
    return Word(text, text.lower().replace("’", "'"), words[0].start, words[-1].end, tag)


def _is_capital(word: Word) -> bool:
    if word.low in STOP_WORDS and word.text != "US":
        return False
    return word.tag == "?" and (word.text[0].isupper() or (word.text[-1:].isupper() and len(word.text) > 2))


def _is_shouted(word: Word) -> bool:
    return word.low in _FILLERS or (word.low in _COMMON and word.text.isupper() and len(word.text) > 1)


def _is_unit(word: Word) -> bool:
    if word.low in ("am", "pm", "a.m.", "p.m."):
        return True
    return word.tag == "?" and word.text.islower() and word.low not in _CLOSED and word.low not in STOP_WORDS


def _opens_name(draft: list[Word], i: int, inside: set[str], lower: set[str]) -> bool:
    """Whether a capitalised word that opens a sentence is, or begins, a name."""
    word = draft[i]
    if word.low in inside:
        return word.low not in _FILLERS
    if word.low in _COMMON or word.low in _CLOSED:
        return False
    followed = i + 1 < len(draft) and _is_capital(draft[i + 1])
    if followed or (word.text.isupper() and len(word.text) > 1):
        return True
    return bool(word.low not in lower and not word.low.endswith(("ly", "ing")) and not verb_form(word.low)) and bool(
        LATIN.fullmatch(word.text)
    )


def _name_end(draft: list[Word], i: int) -> int:
    """Where the run of words that make one name ends, the first of them at ``i``."""
    end = i + 1
    while end < len(draft):
        word, last = draft[end], draft[end - 1]
        short_number = word.tag == "#" and word.text.isdigit() and len(word.text) <= 3
        numeral = word.low == "i" and last.low in _NUMBERED
        if _is_capital(word) or numeral or (short_number and not _precedes_unit(draft, end)):
            end += 1
        elif word.low in _JOINERS:
            after = end + 2 if end + 1 < len(draft) and word.low != "&" and draft[end + 1].low in _JOINERS else end + 1
            if word.low == "the" or after >= len(draft) or not _is_capital(draft[after]):
                break
            end = after + 1
        elif word.tag == "'" and end + 1 < len(draft) and draft[end + 1].low in _GENITIVE_NAMES:
            if not _is_capital(draft[end + 1]):
                break
            end += 2
        else:
            break
    return end


def _precedes_unit(draft: list[Word], i: int) -> bool:
    return i + 1 < len(draft) and _is_unit(draft[i + 1])


_CLOSED = _PREPOSITIONS | _DETERMINERS | _PRONOUNS | _RELATIVES | _CONJUNCTIONS | AUXILIARIES


@lru_cache(maxsize=50_000)
def verb_form(low: str) -> str:
    """The form of a known verb: ``base``, ``s``, ``ed`` (any past form) or ``ing``; empty for other words."""
    if low in VERBS:
        return "base"
    if low in _IRREGULAR:
        return "ed"
    for ending in ("ing", "ed", "s"):
        if low.endswith(ending) and len(low) > len(ending) + 1:
            bare = low[: -len(ending)]
            bases = {bare, bare + "e"}
            if bare[-1] == "i":
                bases.add(bare[:-1] + "y")
            if bare.endswith("ie"):
                bases.add(bare[:-2] + "y")
            if bare.endswith("y") and ending == "ing":
                bases.add(bare[:-1] + "ie")
            if bare.endswith("e") and ending == "s":
                bases.add(bare[:-1])
            if len(bare) > 2 and bare[-1] == bare[-2]:
                bases.add(bare[:-1])
            if bases & VERBS:
                return ending
    return ""


def _classified(words: list[Word]) -> list[Word]:
    found: list[Word] = []
    before, said = ".", ""
    for i, word in enumerate(words):
        tag = word.tag
        after = words[i + 1] if i + 1 < len(words) else None
        if tag == "?":
            tag = _closed_class(word.low, before, after) or _open_class(word.low, before, said, after)
        elif tag == "'" and (before in "rwd" or (after is not None and after.low in _AFTER_IS)):
            tag = "x"
        found.append(word if tag == word.tag else word._replace(tag=tag))
        before, said = tag, word.low
    return found


def _closed_class(low: str, before: str, after: Word | None) -> str:
    if low in AUXILIARIES or low.endswith("n't"):
        return "x"
    if low == "that" and before in "Nc":
        return "w"
    if low in ("her", "that", "this", "these", "those", "some", "any"):
        return "d" if after is not None and after.tag == "?" and after.low not in STOP_WORDS else "r"
    for tag, members in (
        ("d", _DETERMINERS), ("r", _PRONOUNS), ("w", _RELATIVES), ("&", _CONJUNCTIONS), ("p", _PREPOSITIONS)
    ):  # fmt: skip
        if low in members:
            return tag
    return "a" if low in _FILLERS or low in STOP_WORDS or low.endswith("ly") else ""


def _open_class(low: str, before: str, said: str, after: Word | None) -> str:
    """``v`` or ``c``: the word's form says what it can be, the word before it what it is."""
    form = verb_form(low) or ("ed" if low.endswith("ed") and len(low) > 4 and before in "Nxrc" else "")
    match form:
        case "ed":
            verbal = before not in "dp" or said == "to"
        case "ing":
            verbal = before in "xNrw&,cv"
        case "base":
            verbal = said == "to" or before in "xrwa."
        case "s":
            verbal = before in "Nrwa" or (before in "c&" and after is not None and _opens_object(after))
        case _:
            verbal = False
    return "v" if verbal else "c"


def _opens_object(word: Word) -> bool:
    return word.tag in "ND#" or word.low in _DETERMINERS or word.low in _PREPOSITIONS
