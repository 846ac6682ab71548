"""The campaigns and saved zones of the demo brands.

Texts, names and places are Spanish content: what the demo brands would write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from segments.areas import Area

NATIONWIDE: Mapping[str, Any] = {"nationwide": True}
SHOP, CAFE, OPTICIAN = "tienda-movistar", "cafe-barranca", "optica-lumbre"  # slugs
BRANDS = (SHOP, CAFE, OPTICIAN)

# What happens to a campaign. `submit`: it stays in review, or without inventory.
Outcome = Literal["draft", "submit", "approve", "ask_proof", "change", "reject", "cancel"]


@dataclass(frozen=True)
class DemoCampaign:
    """A campaign to make. `starts` counts days from the first day that a campaign may start."""

    brand: str
    name: str
    text: str
    area: Mapping[str, Any] = field(default_factory=dict)
    starts: int | None = None
    days: int = 1
    volume: int | None = None
    outcome: Outcome = "submit"
    destination: str = ""  # the URL of its short link
    promotion: bool = False


CAMPAIGNS = (
    DemoCampaign(
        SHOP,
        "Recarga doble nacional",
        "Tienda Movistar. Recarga $100 y recibe el doble de datos por 30 dias",
        NATIONWIDE,
        starts=1,
        days=14,
        volume=26_000_000,
        outcome="approve",
    ),
    DemoCampaign(
        SHOP,
        "Centros 5G",
        "Tienda Movistar. Estrena 5G desde $299 al mes. Preguntanos en tu centro de atencion",
        {"states": ["09", "15", "14", "19"]},
        starts=0,
        days=7,
        volume=6_500_000,
    ),
    DemoCampaign(
        SHOP,
        "Cambio de compañía",
        "Tienda Movistar. Cambiate con tu numero y llevate dos meses a mitad de precio",
        {"states": ["02", "05", "08", "26", "28"]},
        starts=4,
        days=10,
        volume=3_800_000,
        promotion=True,
    ),
    DemoCampaign(
        SHOP,
        "Apertura Mérida Norte",
        "Tienda Movistar. Ya abrimos en Merida Norte. Ven por tu chip sin costo",
        {"ladas": ["999", "990"]},
        starts=2,
        days=5,
        volume=240_000,
        outcome="approve",
    ),
    DemoCampaign(
        SHOP,
        "Planes para el hogar",
        "Los mejores planes de internet de todo Mexico",
        {"ladas": ["55", "56", "33", "81"]},
        starts=6,
        days=10,
        volume=2_400_000,
        outcome="ask_proof",
    ),
    DemoCampaign(
        SHOP,
        "Pago en línea",
        "Tienda Movistar. Paga tu plan sin filas en",
        {"nationwide": True, "excluded_states": ["07", "20"]},
        starts=8,
        days=12,
        volume=9_000_000,
        destination="https://tienda-movistar.example.com/pagos?origen=llamada-perdida",
    ),
    DemoCampaign(
        SHOP,
        "Seguro para tu equipo",
        "Tienda Movistar. Protege tu equipo desde $59 al mes",
        {"states": ["11", "22", "24"]},
        outcome="draft",
    ),
    DemoCampaign(
        SHOP,
        "Feria de León",
        "Tienda Movistar. Visitanos en la feria y recarga con saldo extra",
        {"ladas": ["477", "479"]},
        starts=5,
        days=6,
        volume=180_000,
        outcome="cancel",
    ),
    DemoCampaign(
        CAFE,
        "Lechero dos por uno",
        "Cafe Barranca. Lechero 2 por 1 de 8 a 11 en Xalapa, Veracruz y Boca del Rio",
        {"ladas": ["228", "229"]},
        starts=1,
        days=10,
        volume=420_000,
        outcome="approve",
        promotion=True,
    ),
    DemoCampaign(
        CAFE,
        "Desayunos entre semana",
        "Cafe Barranca. Desayuno completo por $89 de lunes a viernes, con cafe de olla",
        {"states": ["30"]},
        starts=3,
        days=12,
        volume=1_100_000,
    ),
    DemoCampaign(
        CAFE,
        "Apertura Puebla",
        "Ven por tu primer cafe, va por la casa",
        {"ladas": ["222", "221", "220"]},
        starts=2,
        days=6,
        volume=350_000,
        outcome="change",
    ),
    DemoCampaign(
        CAFE,
        "Sorteo en cadena",
        "Reenvia este mensaje a 10 amigos y gana cafe gratis todo el mes",
        {"ladas": ["228"]},
        starts=4,
        days=3,
        volume=60_000,
        outcome="reject",
    ),
    DemoCampaign(
        CAFE, "Café en grano", "Cafe Barranca. Cafe de altura recien tostado", outcome="draft"
    ),
    DemoCampaign(
        OPTICIAN,
        "Examen de la vista Monterrey",
        "Optica Lumbre. Examen de la vista sin costo en tus sucursales de Monterrey",
        {"ladas": ["81"]},
        starts=1,
        days=8,
        volume=900_000,
    ),
    DemoCampaign(
        OPTICIAN,
        "Lentes completos Guadalajara",
        "Optica Lumbre. Lentes completos desde $799 en Guadalajara, Zapopan y Tlaquepaque",
        {"ladas": ["33"]},
        starts=2,
        days=9,
        volume=800_000,
        outcome="approve",
    ),
    DemoCampaign(
        OPTICIAN,
        "Lentes de sol Riviera Maya",
        "Optica Lumbre. Lentes de sol con tu graduacion, listos en un dia",
        {"ladas": ["984"]},
        starts=3,
        days=3,
        volume=2_000_000,
    ),
    DemoCampaign(
        OPTICIAN,
        "Llegamos al Bajio",
        "Optica Lumbre llega al Bajio. Examen sin costo y armazon desde $499",
        {"states": ["01", "11", "22"], "excluded_ladas": ["466"]},
        starts=5,
        days=14,
        volume=1_900_000,
    ),
    DemoCampaign(
        OPTICIAN,
        "Segundo par",
        "Optica Lumbre. Segundo par a mitad de precio. Conoce tu sucursal en",
        {"states": ["14", "19"]},
        starts=9,
        days=7,
        volume=1_200_000,
        outcome="draft",
        destination="https://optica-lumbre.example.com/sucursales",
    ),
)

# On air: `starts` counts from two weeks ago, and the gateway has delivered since.
ON_AIR = (
    DemoCampaign(
        SHOP,
        "Chip sin costo",
        "Tienda Movistar. Tu chip sin costo y 3 GB al activar en cualquier centro de atencion",
        NATIONWIDE,
        starts=2,
        days=20,
        volume=30_000_000,
        outcome="approve",
    ),
    DemoCampaign(
        SHOP,
        "Portabilidad capital y Toluca",
        "Tienda Movistar. Trae tu numero y paga la mitad por tres meses",
        {"states": ["09", "15"]},
        starts=0,
        days=10,
        volume=6_000_000,
        outcome="approve",
    ),
    DemoCampaign(
        CAFE,
        "Temporada de cosecha",
        "Cafe Barranca. Llego la cosecha, cafe de altura desde $49 en Xalapa y Veracruz",
        {"ladas": ["228", "229"]},
        starts=5,
        days=16,
        volume=700_000,
        outcome="approve",
    ),
    DemoCampaign(
        OPTICIAN,
        "Regreso a la oficina",
        "Optica Lumbre. Lentes antirreflejo desde $999 con examen sin costo",
        {"states": ["14", "19"]},
        starts=7,
        days=14,
        volume=2_600_000,
        outcome="approve",
    ),
)

SAVED_ZONES = (
    (SHOP, "Zonas metropolitanas", Area(ladas=frozenset({"55", "56", "33", "81"}))),
    (SHOP, "Sureste", Area(states=frozenset({"04", "23", "27", "31"}))),
    (SHOP, "Frontera norte", Area(states=frozenset({"02", "05", "08", "19", "26", "28"}))),
    (SHOP, "Todo México menos Oaxaca", Area(True, excluded_states=frozenset({"20"}))),
    (CAFE, "Golfo", Area(states=frozenset({"30"}), ladas=frozenset({"222", "221", "220"}))),
    (
        OPTICIAN,
        "Bajío",
        Area(states=frozenset({"01", "11", "22"}), excluded_ladas=frozenset({"466"})),
    ),
)
