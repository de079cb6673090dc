"""Short lists of English words: closed classes, verbs, and what is capitalised without being a name."""

from __future__ import annotations

from functools import lru_cache

PREPOSITIONS = frozenset(
    """in on at of for with by from to into onto about after before during since until through over under between
    among against within without near around across along toward towards behind beside besides beyond via per as
    like than upon inside outside throughout past despite except alongside including off up out down""".split()
)
DETERMINERS = frozenset("a an the this these those my your his her its our their some any no every each".split())
PRONOUNS = frozenset(
    """i me he him she it they them we us you myself himself herself itself themselves ourselves mine someone everyone
    anyone nobody something anything everything nothing""".split()
)
RELATIVES = frozenset("who whom whose which that what where when why how while if because although though".split())
"""Relative and question words, and conjunctions that open a clause of its own."""
CONJUNCTIONS = frozenset("and or but nor & yet so then".split())
AUXILIARIES = frozenset(
    """am is are was were be been being isn't aren't wasn't weren't have has had having haven't hasn't hadn't do does
    did don't doesn't didn't can could can't couldn't cannot will would won't wouldn't may might must shall should
    shouldn't i'm i've i'd i'll he's she's it's that's there's we're we've we'd we'll you're you've you'd you'll
    they're they've they'd they'll who's what's let's""".split()
)
IRREGULAR = frozenset(
    """became began begun bought broke brought built came caught chose chosen cost cut did done drawn drew driven
    drove ate eaten fed fell felt fought found flew forgot gave given gone got grew grown heard held hit hung hurt
    kept knew known laid led left lent let lit lost made meant met paid put ran rang read rode rose risen said sang
    sat saw seen sent set shook shot showed shown shut slept sold spent spoke spoken spread stood stole stuck
    struck swam taken taught threw thought thrown told took tore understood went woke won wore worn wrote written
    born based known""".split()
)
"""Past forms that are not made by an ending."""
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
"""Base forms."""
FILLERS = frozenset(
    """absolutely actually ah alright almost already always anyway aw awww away aww back bye cheers congrats currently
    definitely else especially even ever exactly finally gosh great haha hello hey hi hmm hopefully however indeed
    instead later maybe meanwhile moreover much mostly never nevertheless nope oh ok okay omg ooh originally
    perhaps please plus pretty probably quite rather really recently right sadly soon sorry still sure therefore
    thank thanks thus together totally typically unfortunately usually well whatever whenever wow ya yay yea yeah
    yep yes yet yo yup""".split()
)
"""Adverbs and interjections: they never name anything, even where they open a sentence with a capital."""
COMMON = (
    VERBS
    | IRREGULAR
    | FILLERS
    | frozenset(
        """although amazing another art awesome bad beautiful best better big congratulations cool current dear early
    easy everyone everything excited exciting family fantastic first five former four fun funny glad good goodbye happy
    hard home huge incredible interesting kids kind lately life little long lots lovely many more most music nature new
    next nice nothing old one others people perfect personally second several similarly since six slow someone
    something sounds strong super ten things three time today tomorrow tonight true two various welcome wonderful
    yesterday""".split()
    )
)
"""Words that open sentences; a capital says nothing about them."""
JOINERS = frozenset("of the de del della di du des da dos von van der la le el al bin ibn &".split())
"""Small words within a name: "University of Lisbon"."""
AFTER_IS = frozenset("a an the not been".split())
"""What follows "'s" where it stands for "is" or "has"."""
HONORIFICS = frozenset("mr mrs ms dr sir mr. mrs. ms. dr. president senator governor prof. professor captain".split())
"""Titles before a name; the name is the same without them."""
NUMBERED = frozenset("war article part phase chapter class section volume act".split())
"""What a number belongs to, as part of a name: "World War 2"."""
GENITIVE_NAMES = frozenset("day college church hospital school cathedral university island palace cup park".split())
"""What follows a possessive within a name: "St John's College"."""
CLOSED = PREPOSITIONS | DETERMINERS | PRONOUNS | RELATIVES | CONJUNCTIONS | AUXILIARIES
"""Every word of a closed class."""


@lru_cache(maxsize=50_000)
def verb_form(low: str) -> str:
    """The form of a known verb: ``base``, ``s``, ``ed`` (any past form) or ``ing``; empty for other words."""
    if low in VERBS:
        return "base"
    if low in IRREGULAR:
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
