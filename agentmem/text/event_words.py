"""Short lists of English words about events: what happens, where things happen, and how events are asked for."""

from __future__ import annotations

OCCASIONS = frozenset(
    """accident anniversary appointment argument attack auction audition award ball banquet barbecue baptism
    battle birth birthday bonfire breakfast brunch camp campaign carnival celebration ceremony championship
    class cleanup climb clinic collision competition concert conference contest convention course cruise dance
    date debate debut demonstration departure dinner display divorce drill election engagement event exam
    examination exchange excursion exhibit exhibition expedition experiment fair farewell feast festival fight
    film finale fire flight flood fundraiser funeral gala game gathering giveaway graduation hackathon hearing
    heist hike holiday housewarming hunt illness inauguration incident initiation interview investigation
    journey launch lecture lesson lunch march marathon market match meal meeting meetup mission
    move negotiation opening opera operation outing parade party performance picnic play premiere presentation
    procession protest quarrel quiz race raid rally reading reception recital regatta rehearsal reunion ride
    ritual robbery safari sale screening seminar sermon service session show showcase showdown signing
    sleepover storm strike surgery swim symposium talk tasting tea test tour tournament training trek trial trip
    unveiling visit vote voyage wake walk war wedding workshop""".split()
)
"""Nouns for what happens. A noun phrase with one of them at its end says what an event is."""
DOINGS = ("ing", "ation", "ition")
"""Endings of nouns for what is done: "mural painting", "product demonstration"."""
NOT_DOINGS = frozenset(
    """anything building ceiling clothing everything evening feeling king morning nothing ring something spring
    string thing wing being meaning reason station nation location position population situation information
    condition railing lightning""".split()
)
SITES = frozenset(
    """abbey academy airport alley aquarium arcade archive arena avenue bakery bar barn basilica baths bay beach
    boulevard bridge cafe café camp campus canal casino castle cathedral cave cemetery center centre chapel
    church cinema city clinic club coast college cottage course court courthouse creek dam diner district dock
    embassy estate factory falls farm ferry field forest fort fountain gallery garden gardens gate grove gym
    hall harbor harbour hill hills hospital hotel house inn island islands junction lab laboratory lake lane
    library lighthouse line lock lodge mall manor market meadow memorial mill monument mountain museum
    observatory office opera palace park pavilion peak pier plaza pool port pub quay ranch reserve reservoir
    resort restaurant ridge river road room row school shelter shop shrine spa square stadium station store
    street studio synagogue temple terminal terrace theater theatre tower trail university valley village
    vineyard weir wharf woods yard zoo""".split()
)
"""What a name of a place ends with."""
WITHIN = frozenset("at in inside outside near within around beside behind beneath across throughout by".split())
"""Prepositions before where something happens."""
TOWARDS = frozenset("to from into toward towards through via onto".split())
"""Prepositions before where a movement goes, or comes from."""
MOVEMENTS = frozenset(
    """arrive arrived arriving back came come coming cycle cycled drive driven driving drove fled flew flown fly
    flying get go goes going gone got head headed heading home hurried hurry journey journeyed left moved moving
    return returned returning ride rode run ran sail sailed travel traveled traveling travelled travelling trip
    visit walk walked walking went way""".split()
)
"""Words after which "to" and "from" have to do with places."""

ASKING = frozenset(
    """account all anyone anything aspect chapter character chronology content date day description detail each
    entity entry event everyone everything fact happening history identify individual information instance
    involvement item list location main matter memory mention moment name narrative number occasion occurrence
    one order participant person people period place point protagonist question recollection record reference
    sequence setting site spot state story subject summary thing time timeline topic year month week hour way
    what where who kind sort type""".split()
)
"""Nouns by which events are asked for, in the singular: they do not say which."""
ASKING_VERBS = frozenset(
    """consider describe enumerate give list mention name narrate outline provide recall recount reflect report
    show summarise summarize tell think""".split()
)
"""Verbs that open a request; one that opens a sentence is no name."""
QUALIFYING = frozenset(
    """chronological complete different distinct exact full general key last latest late later main major many most much
    only particular precise recent relevant same several single specific total unique various whole first early
    earliest final next part involved take taken took seen""".split()
)
"""Words beside those nouns that do not say which events are meant, either."""
