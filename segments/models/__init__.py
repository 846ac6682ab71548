"""Models of the catalogue: states, zones, LADAs and municipalities.

Only `segments.catalogue` writes their tables.
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
