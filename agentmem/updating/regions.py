"""Names of countries and other wide places: living in one says nothing against living in a city."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.updating.reading import terms_of

_NAMES = """afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain
bangladesh barbados belarus belgium belize benin bhutan bolivia bosnia botswana brazil brunei bulgaria burundi cambodia
cameroon canada chad chile china colombia comoros congo croatia cuba cyprus czechia denmark djibouti dominica ecuador
egypt eritrea estonia ethiopia fiji finland france gabon gambia georgia germany ghana greece grenada guatemala guinea
guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan
kenya kiribati kosovo kuwait laos latvia lebanon lesotho liberia libya liechtenstein lithuania madagascar malawi
malaysia maldives mali malta mauritania mauritius mexico moldova monaco mongolia montenegro morocco mozambique myanmar
namibia nauru nepal netherlands nicaragua niger nigeria norway oman pakistan palau palestine panama paraguay peru
philippines poland portugal qatar romania russia rwanda samoa senegal serbia seychelles slovakia slovenia somalia spain
sudan suriname sweden switzerland syria taiwan tajikistan tanzania thailand togo tonga tunisia turkey turkmenistan
tuvalu uganda ukraine uruguay uzbekistan vanuatu venezuela vietnam yemen zambia zimbabwe england scotland wales britain
uk usa us america europe asia africa oceania scandinavia alabama alaska arizona arkansas california colorado connecticut
delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan
minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont
virginia wisconsin wyoming bavaria catalonia brittany normandy tuscany lombardy sicily saxony hesse ontario quebec
alberta queensland victoria tasmania flanders wallonia"""
_LONG = """united states|united kingdom|united arab emirates|new zealand|south africa|south korea|north korea|costa rica
|saudi arabia|sri lanka|czech republic|dominican republic|el salvador|ivory coast|sierra leone|burkina faso|cape verde
|north macedonia|papua new guinea|san marino|new mexico|new jersey|new hampshire|north carolina|south carolina
|north dakota|south dakota|west virginia|rhode island|south america|north america|central america|middle east
|british columbia|nova scotia|new south wales|northern ireland|lower saxony"""
_REGIONS = frozenset(terms_of(name) for name in (*_NAMES.split(), *_LONG.replace("\n", "").split("|")))


def is_region(value: Sequence[str]) -> bool:
    """Whether a place, given by its terms, is a country, a state or wider."""
    return tuple(value) in _REGIONS
