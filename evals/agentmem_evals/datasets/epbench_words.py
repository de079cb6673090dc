"""The words of the project's own episodic books. Of each list the last two are in no book: questions about nothing."""

from __future__ import annotations

UNUSED = 2

PLACES = (
    "Harbour Library",
    "Kestrel Bridge",
    "the Old Lock",
    "Saltmarsh Station",
    "Quince Market",
    "the Glass Observatory",
    "Tannery Row",
    "Lower Weir",
    "the Copper Theatre",
    "Northgate Baths",
    "Juniper Hill",
    "the Ferry Hall",
)
PEOPLE = (
    "Mara Velden",
    "Tobias Arkwright",
    "Ines Calloway",
    "Ruben Oduya",
    "Hanna Lindqvist",
    "Pavel Morrow",
    "Sun-hee Barlow",
    "Dario Fenn",
    "Agnes Whitlock",
    "Yusuf Tremaine",
    "Clara Okonjo",
    "Emil Hartog",
    "Lotte Brandvold",
    "Oscar Nakai",
)
COMPANIONS = ("Beatrix Hale", "Jonas Peel", "Wanda Russo", "Kofi Sandoval", "Greta Ames", "Idris Moll", "Nell Vasquez")
CONTENTS = (
    ("chess tournament", "The boards stood in two long rows, and the last game was decided by a single pawn"),
    ("charity auction", "A dented brass telescope went for more than anyone had offered all evening"),
    ("beekeeping lesson", "The frames were heavy with wax, and nobody was stung until the very end"),
    ("street concert", "The second song had to begin three times because the wind took the music sheets"),
    ("bread-baking contest", "The winning loaf was split in half and found to be full of walnuts"),
    ("rowing race", "The blue boat lost an oar at the turn and finished second all the same"),
    ("poetry reading", "The longest poem was about a lighthouse keeper, and it was read by candle light"),
    ("clock repair workshop", "Someone set all the chimes to the same minute, and the noise was tremendous"),
    ("seed exchange", "Paper bags of beans changed hands until the tables were bare"),
    ("mural painting", "By dusk a heron twice the height of a door looked down from the wall"),
    ("kite festival", "The largest kite took four people to hold and then pulled them down the slope"),
    ("fencing demonstration", "The masks were fogged with breath before the first touch was counted"),
)
"""What an event is, and a sentence that is told of it."""

ARRIVALS = (
    "{e} came to {s} early on {t}, when the doors were hardly open.",
    "It was on {t} that {e} was next at {s}.",
    "On {t}, rain or not, {e} had promised to be at {s}.",
    "Few had expected to see {e} at {s} on {t}.",
)
HAPPENINGS = (
    "What brought the crowd was the {c}, and {e} had a part in it from the first minute.",
    "The {c} had been announced for weeks, and {e} did not leave before it was over.",
    "Everything turned around the {c}, in which {e} was soon caught up.",
)
COMPANY = ("{o} stood close by and kept count.", "{o} helped to carry things and said little.", "{o} came late.")
ENDINGS = (
    "Nobody was in a hurry to go home.",
    "The lamps were lit before the last of them had left.",
    "A week later people still argued about how it had ended.",
)
