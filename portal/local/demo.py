"""The campaigns of the demo brands: a small book for a portal that nobody has used yet.

Everything goes through the domain's own functions, as people would do it, so that every line
of history, hold and notice is a true one. Days count from the first that a campaign may begin.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from campaigns import conversation, lifecycle, notices, readiness, saved_zones
from campaigns.models import Brand, Campaign
from portal.accounts.models import User
from segments.areas import Area

Side = conversation.Side

NATION: Mapping[str, Any] = {"nationwide": True}
SHOP, CAFE, OPTICIAN = "tienda-movistar", "cafe-barranca", "optica-lumbre"
BRANDS = (SHOP, CAFE, OPTICIAN)


@dataclass(frozen=True)
class Entry:
    """A campaign of the book. `starts` in days from the first possible one; `fate` ends it."""

    brand: str
    name: str
    text: str
    area: Mapping[str, Any] = field(default_factory=dict)
    starts: int | None = None
    days: int = 1
    volume: int | None = None
    fate: str = "wait"  # draft, wait (in review, or without inventory), or a name of FATES
    page: str = ""  # where its short link leads
    promotion: bool = False


ENTRIES = (
    Entry(
        SHOP,
        "Recarga doble nacional",
        "Tienda Movistar. Recarga $100 y recibe el doble de datos por 30 dias",
        NATION,
        starts=1,
        days=14,
        volume=26_000_000,
        fate="approve",
    ),
    Entry(
        SHOP,
        "Centros 5G",
        "Tienda Movistar. Estrena 5G desde $299 al mes. Preguntanos en tu centro de atencion",
        {"states": ["09", "15", "14", "19"]},
        starts=0,
        days=7,
        volume=6_500_000,
    ),
    Entry(
        SHOP,
        "Cambio de compañía",
        "Tienda Movistar. Cambiate con tu numero y llevate dos meses a mitad de precio",
        {"states": ["02", "05", "08", "26", "28"]},
        starts=4,
        days=10,
        volume=3_800_000,
        promotion=True,
    ),
    Entry(
        SHOP,
        "Apertura Mérida Norte",
        "Tienda Movistar. Ya abrimos en Merida Norte. Ven por tu chip sin costo",
        {"ladas": ["999", "990"]},
        starts=2,
        days=5,
        volume=240_000,
        fate="approve",
    ),
    Entry(
        SHOP,
        "Planes para el hogar",
        "Los mejores planes de internet de todo Mexico",
        {"ladas": ["55", "56", "33", "81"]},
        starts=6,
        days=10,
        volume=2_400_000,
        fate="ask_proof",
    ),
    Entry(
        SHOP,
        "Pago en línea",
        "Tienda Movistar. Paga tu plan sin filas en",
        {"nationwide": True, "excluded_states": ["07", "20"]},
        starts=8,
        days=12,
        volume=9_000_000,
        page="https://tienda-movistar.example.com/pagos?origen=llamada-perdida",
    ),
    Entry(
        SHOP,
        "Seguro para tu equipo",
        "Tienda Movistar. Protege tu equipo desde $59 al mes",
        {"states": ["11", "22", "24"]},
        fate="draft",
    ),
    Entry(
        SHOP,
        "Feria de León",
        "Tienda Movistar. Visitanos en la feria y recarga con saldo extra",
        {"ladas": ["477", "479"]},
        starts=5,
        days=6,
        volume=180_000,
        fate="call_off",
    ),
    Entry(
        CAFE,
        "Lechero dos por uno",
        "Cafe Barranca. Lechero 2 por 1 de 8 a 11 en Xalapa, Veracruz y Boca del Rio",
        {"ladas": ["228", "229"]},
        starts=1,
        days=10,
        volume=420_000,
        fate="approve",
        promotion=True,
    ),
    Entry(
        CAFE,
        "Desayunos entre semana",
        "Cafe Barranca. Desayuno completo por $89 de lunes a viernes, con cafe de olla",
        {"states": ["30"]},
        starts=3,
        days=12,
        volume=1_100_000,
    ),
    Entry(
        CAFE,
        "Apertura Puebla",
        "Ven por tu primer cafe, va por la casa",
        {"ladas": ["222", "221", "220"]},
        starts=2,
        days=6,
        volume=350_000,
        fate="change",
    ),
    Entry(
        CAFE,
        "Sorteo en cadena",
        "Reenvia este mensaje a 10 amigos y gana cafe gratis todo el mes",
        {"ladas": ["228"]},
        starts=4,
        days=3,
        volume=60_000,
        fate="reject",
    ),
    Entry(CAFE, "Café en grano", "Cafe Barranca. Cafe de altura recien tostado", fate="draft"),
    Entry(
        OPTICIAN,
        "Examen de la vista Monterrey",
        "Optica Lumbre. Examen de la vista sin costo en tus sucursales de Monterrey",
        {"ladas": ["81"]},
        starts=1,
        days=8,
        volume=900_000,
    ),
    Entry(
        OPTICIAN,
        "Lentes completos Guadalajara",
        "Optica Lumbre. Lentes completos desde $799 en Guadalajara, Zapopan y Tlaquepaque",
        {"ladas": ["33"]},
        starts=2,
        days=9,
        volume=800_000,
        fate="approve",
    ),
    Entry(
        OPTICIAN,
        "Lentes de sol Riviera Maya",
        "Optica Lumbre. Lentes de sol con tu graduacion, listos en un dia",
        {"ladas": ["984"]},
        starts=3,
        days=3,
        volume=2_000_000,
    ),
    Entry(
        OPTICIAN,
        "Llegamos al Bajio",
        "Optica Lumbre llega al Bajio. Examen sin costo y armazon desde $499",
        {"states": ["01", "11", "22"], "excluded_ladas": ["466"]},
        starts=5,
        days=14,
        volume=1_900_000,
    ),
    Entry(
        OPTICIAN,
        "Segundo par",
        "Optica Lumbre. Segundo par a mitad de precio. Conoce tu sucursal en",
        {"states": ["14", "19"]},
        starts=9,
        days=7,
        volume=1_200_000,
        fate="draft",
        page="https://optica-lumbre.example.com/sucursales",
    ),
)

ZONES = (
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


def is_written() -> bool:
    """Say whether a brand of the book has campaigns already: then it is left alone."""
    return Campaign.objects.filter(brand__slug__in=BRANDS).exists()


def write(writers: Mapping[str, User], reviewer: User) -> int:
    """Write the book with one person of each brand, by its slug; say how many campaigns."""
    for slug, name, area in ZONES:
        saved_zones.create(_brand(slug), name, area, by=writers[slug])
    begun = [(entry, _begin(entry, writers[entry.brand])) for entry in ENTRIES]
    _send((campaign, writers[entry.brand]) for entry, campaign in begun if entry.fate != "draft")
    for person in User.objects.filter(memberships__brand__slug__in=BRANDS).distinct():
        notices.mark_all_read(person)  # of all that was sent; what comes now is news
    for entry, campaign in begun:
        if meet := FATES.get(entry.fate):
            meet(campaign, writers[entry.brand], reviewer)
    lifecycle.hold_submitted()
    return len(begun)


def _brand(slug: str) -> int:
    return Brand.objects.get(slug=slug).pk


def _begin(entry: Entry, by: User) -> Campaign:
    """Make the draft of an entry, with its short link in the text if it leads somewhere."""
    terms: dict[str, Any] = {
        "name": entry.name,
        "text": entry.text,
        "area": Area.from_json(dict(entry.area)).to_json() if entry.area else {},
        "destination": entry.page,
        "volume": entry.volume,
    }
    if entry.starts is not None:
        first = readiness.first_possible_day() + timedelta(days=entry.starts)
        last = first + timedelta(days=entry.days - 1)
        terms |= {"starts_on": first, "ends_on": last}
        if entry.promotion:
            terms |= {"use": Campaign.Use.PROMOTION, "promotion_ends_on": last}
    campaign = lifecycle.draft(_brand(entry.brand), terms, by=by)
    return lifecycle.insert_link(campaign.pk, revision=campaign.revision, by=by)


def _send(campaigns: Iterable[tuple[Campaign, User]]) -> None:
    for campaign, by in campaigns:
        lifecycle.submit(campaign.pk, by=by)
    lifecycle.hold_submitted()


def _approve(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.approve(campaign.pk, version=1, by=reviewer)


def _ask_proof(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.request_changes(
        campaign.pk,
        version=1,
        reasons=["Promete algo que no se puede comprobar", "El texto no dice qué marca anuncia"],
        comment="Empieza con «Tienda Movistar» y cambia «los mejores» por un precio o un dato.",
        by=reviewer,
    )


def _change(campaign: Campaign, by: User, reviewer: User) -> None:
    """Ask for changes, talk about them, and have another version sent."""
    lifecycle.request_changes(
        campaign.pk,
        version=1,
        reasons=["El texto no dice qué marca anuncia", "La oferta no se entiende"],
        comment="¿De qué cafetería es, y en qué sucursal?",
        by=reviewer,
    )
    conversation.write(
        campaign.pk,
        "Es nuestra primera sucursal en Puebla. ¿Basta con decir la colonia?",
        side=Side.BRAND,
        by=by,
    )
    conversation.write(
        campaign.pk,
        "Sí, con la marca al principio y la colonia queda clara.",
        side=Side.STAFF,
        by=reviewer,
    )
    text = "Cafe Barranca abre en Puebla, La Paz. Tu primer cafe va por la casa"
    campaign.refresh_from_db()
    lifecycle.edit(campaign.pk, {"text": text}, revision=campaign.revision, by=by)
    lifecycle.submit(campaign.pk, by=by)
    conversation.write(campaign.pk, "Listo, ya la enviamos con la colonia.", side=Side.BRAND, by=by)


def _reject(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.reject(
        campaign.pk,
        version=1,
        reasons=["Contenido no permitido en el canal"],
        comment="El canal no lleva cadenas ni sorteos que pidan reenviar mensajes.",
        by=reviewer,
    )


def _call_off(campaign: Campaign, by: User, reviewer: User) -> None:
    lifecycle.withdraw(campaign.pk, by=by)
    lifecycle.cancel(campaign.pk, by=by, comment="La feria cambió de fecha.")


FATES: Mapping[str, Callable[[Campaign, User, User], None]] = {
    "approve": _approve,
    "ask_proof": _ask_proof,
    "change": _change,
    "reject": _reject,
    "call_off": _call_off,
}
