"""Mexico as the network sees it: states, zones, LADAs and municipalities.

`segments.catalogue` is the only writer of these tables; everyone else reads them.
"""

from segments.models.ladas import Lada, LadaMunicipality, StateLadas, Zone, ZoneState
from segments.models.load import CatalogueLoad
from segments.models.places import Municipality, State, unaccented

__all__ = [
    "CatalogueLoad",
    "Lada",
    "LadaMunicipality",
    "Municipality",
    "State",
    "StateLadas",
    "Zone",
    "ZoneState",
    "unaccented",
]
