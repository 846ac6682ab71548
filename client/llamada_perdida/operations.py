"""Every operation of the API. Made from its description by `make client`: do not edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypedDict, cast
from urllib.parse import quote

from llamada_perdida.http import Http

AvailableActions = Literal[
    "edit", "submit", "withdraw", "pause", "resume", "cancel", "wait", "stop-waiting", "copy"
]
Blank = Literal[""]
BookingStatus = Literal[
    "Booked",
    "Canceled",
    "Declined",
    "Draft",
    "Expired",
    "Finished",
    "InFlight",
    "Pause",
    "PendingBooking",
    "PendingReservation",
    "Reserved",
]
CampaignStatus = Literal[
    "draft",
    "reserving",
    "no_inventory",
    "in_review",
    "changes_requested",
    "approved",
    "scheduled",
    "live",
    "paused",
    "finished",
    "rejected",
    "cancelled",
    "expired",
]
Category = Literal[
    "GENERAL",
    "TELECOM",
    "RETAIL",
    "FOOD",
    "FINANCE",
    "HEALTH",
    "EDUCATION",
    "ENTERTAINMENT",
    "TRAVEL",
    "PUBLIC",
]
Code = Literal[
    "INVALID_ARGUMENT",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "REQUEST_IN_PROGRESS",
    "WRONG_STATUS",
    "TOO_MANY_HOLDS",
    "TOO_MANY_ZONES",
    "TOO_LATE_TO_WAIT",
    "TOO_MANY_WEBHOOKS",
    "WEBHOOK_PAUSED",
    "TEST_WAITING",
    "FAILED_PRECONDITION",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "NOT_READY",
    "BAD_AREA",
    "BAD_TERMS",
    "DAYS_GONE",
    "DAYS_NOT_OPEN",
    "BAD_BRAND",
    "NOT_A_PROMOTION",
    "BAD_NAME",
    "BAD_MESSAGE",
    "BAD_URL",
    "BAD_EVENT_TYPES",
    "ITEMS_REFUSED",
    "KEY_REUSED",
    "PRECONDITION_REQUIRED",
    "TOO_MANY_REQUESTS",
    "INTERNAL",
    "UNAVAILABLE",
]
DeliveryState = Literal["waiting", "delivered", "given_up"]
EventTypes = Literal[
    "mx.movistar.llamada-perdida.v1.campaign-created",
    "mx.movistar.llamada-perdida.v1.campaign-reopened",
    "mx.movistar.llamada-perdida.v1.campaign-submitted",
    "mx.movistar.llamada-perdida.v1.campaign-reserved",
    "mx.movistar.llamada-perdida.v1.campaign-declined",
    "mx.movistar.llamada-perdida.v1.campaign-withdrawn",
    "mx.movistar.llamada-perdida.v1.campaign-approved",
    "mx.movistar.llamada-perdida.v1.campaign-changes-requested",
    "mx.movistar.llamada-perdida.v1.campaign-rejected",
    "mx.movistar.llamada-perdida.v1.campaign-scheduled",
    "mx.movistar.llamada-perdida.v1.campaign-started",
    "mx.movistar.llamada-perdida.v1.campaign-paused",
    "mx.movistar.llamada-perdida.v1.campaign-resumed",
    "mx.movistar.llamada-perdida.v1.campaign-finished",
    "mx.movistar.llamada-perdida.v1.campaign-cancelled",
    "mx.movistar.llamada-perdida.v1.campaign-expired",
    "mx.movistar.llamada-perdida.v1.campaign-wait-started",
    "mx.movistar.llamada-perdida.v1.campaign-wait-left",
    "mx.movistar.llamada-perdida.v1.campaign-wait-offered",
    "mx.movistar.llamada-perdida.v1.campaign-wait-lapsed",
    "mx.movistar.llamada-perdida.v1.campaign-wait-missed",
]
HourKind = Literal["people", "bots"]
LadaKind = Literal["base", "overlay"]
Level = Literal["ok", "tight", "out"]
NoticeKind = Literal[
    "step", "answer", "activated", "discarded", "question", "applied", "hook_dead", "hook_gone"
]
PausedFor = Literal["asked", "gone", "dead"]
ReservationStatus = Literal["held", "booked", "released", "expired"]
Use = Literal["broadcast", "promotion"]
WayKind = Literal["volume", "cap", "ladas", "dates", "span"]


class AdText(TypedDict):
    adText: str


class AdTexts(TypedDict):
    adTexts: list[str]


class Area(TypedDict):
    nationwide: bool
    states: list[str]
    ladas: list[str]
    excludedStates: list[str]
    excludedLadas: list[str]


class AreaInput(TypedDict, total=False):
    nationwide: bool
    states: list[str]
    ladas: list[str]
    excludedStates: list[str]
    excludedLadas: list[str]


class Availability(TypedDict):
    asOf: str
    free: int
    fits: int
    short: int
    days: list[Day]
    full: list[str]
    paced: list[str]
    alternatives: list[Way]


class Brand(TypedDict):
    slug: str
    name: str
    category: Category


class BrandPage(TypedDict):
    items: list[Brand]
    nextCursor: str | None


class _BulkDocAlways(TypedDict):
    campaigns: list[NewCampaign]


class BulkDoc(_BulkDocAlways, total=False):
    allOrNothing: bool


class BulkResult(TypedDict):
    created: int
    results: list[Verdict]


class Campaign(TypedDict):
    name: str
    use: Use
    promotionEndsOn: str | None
    adText: str
    destination: str
    area: Area | None
    startsOn: str | None
    endsOn: str | None
    volume: int | None
    dailyCap: int | None
    id: str
    brand: str
    status: CampaignStatus
    statusLabel: str
    bookingStatus: BookingStatus
    version: int
    shortLink: str
    reservation: Hold | None
    availableActions: list[AvailableActions]
    createdAt: str
    savedAt: str
    statusAt: str


class CampaignPage(TypedDict):
    items: list[Campaign]
    nextCursor: str | None


class Changes(TypedDict, total=False):
    name: str
    use: Use
    promotionEndsOn: str | None
    adText: str
    destination: str
    area: AreaInput | None
    startsOn: str | None
    endsOn: str | None
    volume: int | None
    dailyCap: int | None


class Check(TypedDict):
    valid: bool
    length: int
    limit: int
    remaining: int
    normalizedText: str
    problems: list[Problem]
    advice: list[Problem]
    fixedText: str
    fixedValid: bool


class Checks(TypedDict):
    results: list[Check]


class Clicks(TypedDict):
    people: int
    bots: int


class Day(TypedDict):
    day: str
    capacity: int
    free: int
    level: Level


class Delivery(TypedDict):
    id: int
    eventId: str
    type: str
    subject: str
    state: DeliveryState
    attempts: int
    createdAt: str
    dueAt: str | None
    triedAt: str | None
    lastStatus: int | None
    lastError: str
    lastMilliseconds: int | None
    deliveredAt: str | None
    givenUpAt: str | None


class DeliveryPage(TypedDict):
    items: list[Delivery]
    nextCursor: str | None


class Detail(TypedDict):
    field: str
    code: str
    message: str


class Event(TypedDict):
    id: int
    at: str
    action: str
    told: str
    fromStatus: str
    toStatus: CampaignStatus
    version: int
    by: str | None
    reasons: list[str]
    comment: str


class EventPage(TypedDict):
    items: list[Event]
    nextCursor: str | None


class Hold(TypedDict):
    status: ReservationStatus
    quantity: int
    expiresAt: str | None


class Hour(TypedDict):
    hour: str
    kind: HourKind
    count: int


class HourPage(TypedDict):
    items: list[Hour]
    nextCursor: str | None


class Lada(TypedDict):
    code: str
    kind: LadaKind
    city: str
    zone: str
    states: list[str]
    overlaps: list[str]
    population: int
    weightPpm: int
    latitude: float
    longitude: float


class LadaPage(TypedDict):
    items: list[Lada]
    nextCursor: str | None


class Name(TypedDict):
    name: str


class _NewCampaignAlways(TypedDict):
    name: str


class NewCampaign(_NewCampaignAlways, total=False):
    use: Use
    promotionEndsOn: str | None
    adText: str
    destination: str
    area: AreaInput | None
    startsOn: str | None
    endsOn: str | None
    volume: int | None
    dailyCap: int | None
    brand: str


class _NewWebhookAlways(TypedDict):
    url: str


class NewWebhook(_NewWebhookAlways, total=False):
    eventTypes: list[EventTypes]
    brand: str


class _NewZoneAlways(TypedDict):
    name: str
    area: AreaInput


class NewZone(_NewZoneAlways, total=False):
    brand: str


class Notice(TypedDict):
    id: int
    at: str
    kind: NoticeKind
    title: str
    brand: str
    campaign: str | None
    reasons: list[str]
    comment: str
    readAt: str | None


class NoticePage(TypedDict):
    items: list[Notice]
    nextCursor: str | None


class Problem(TypedDict):
    code: str
    position: int
    offending: str
    message: str
    fix: str | None


class Read(TypedDict):
    read: int


class _RefusalAlways(TypedDict):
    status: int
    code: Code
    message: str


class Refusal(_RefusalAlways, total=False):
    details: list[Detail]


class Rehearsal(TypedDict):
    dryRun: bool
    availability: Availability


class SavedZone(TypedDict):
    id: int
    brand: str
    name: str
    area: Area
    createdAt: str


class SavedZonePage(TypedDict):
    items: list[SavedZone]
    nextCursor: str | None


class Secret(TypedDict):
    id: int
    brand: str
    url: str
    eventTypes: list[str]
    status: str
    pausedAt: str | None
    pausedFor: PausedFor | Blank
    failingSince: str | None
    lastDeliveredAt: str | None
    previousSecretUntil: str | None
    createdAt: str
    secret: str


class Sent(TypedDict):
    id: int
    eventId: str
    type: str
    subject: str
    state: DeliveryState
    attempts: int
    createdAt: str
    dueAt: str | None
    triedAt: str | None
    lastStatus: int | None
    lastError: str
    lastMilliseconds: int | None
    deliveredAt: str | None
    givenUpAt: str | None
    event: dict[str, Any]


class ShortLink(TypedDict):
    code: str
    address: str
    campaign: str
    destination: str
    createdAt: str
    clicks: Clicks


class ShortLinkPage(TypedDict):
    items: list[ShortLink]
    nextCursor: str | None


class State(TypedDict):
    code: str
    name: str
    officialName: str
    abbreviation: str
    population: int
    ladas: list[str]


class StatePage(TypedDict):
    items: list[State]
    nextCursor: str | None


class Verdict(TypedDict):
    index: int
    id: str | None
    error: Refusal | None


class Version(TypedDict):
    name: str
    use: Use
    promotionEndsOn: str | None
    adText: str
    destination: str
    area: Area | None
    startsOn: str | None
    endsOn: str | None
    volume: int | None
    dailyCap: int | None
    number: int
    ladas: list[str]
    sentAt: str
    sentBy: str


class VersionPage(TypedDict):
    items: list[Version]
    nextCursor: str | None


class Way(TypedDict):
    kind: WayKind
    volume: int
    dailyCap: int | None
    startsOn: str
    endsOn: str
    ladas: list[str]


class Webhook(TypedDict):
    id: int
    brand: str
    url: str
    eventTypes: list[str]
    status: str
    pausedAt: str | None
    pausedFor: PausedFor | Blank
    failingSince: str | None
    lastDeliveredAt: str | None
    previousSecretUntil: str | None
    createdAt: str


class WebhookChanges(TypedDict, total=False):
    url: str
    eventTypes: list[EventTypes]


class WebhookPage(TypedDict):
    items: list[Webhook]
    nextCursor: str | None


class _WishAlways(TypedDict):
    area: AreaInput
    startsOn: str
    endsOn: str


class Wish(_WishAlways, total=False):
    volume: int
    dailyCap: int | None


class Zone(TypedDict):
    code: str
    city: str
    population: int
    states: list[str]
    ladas: list[str]


class ZonePage(TypedDict):
    items: list[Zone]
    nextCursor: str | None


Submitted = Campaign | Rehearsal


class Operations(Http):
    """The operations by name; bodies and answers have the members that the API documents."""

    def check_ad_text(self, body: AdText, *, idempotency_key: str | None = None) -> Check:
        """Revisa un texto."""
        path = "/api/v1/ad-texts/check"
        return cast("Check", self.call("POST", path, body=body, idempotency_key=idempotency_key))

    def check_ad_texts(self, body: AdTexts, *, idempotency_key: str | None = None) -> Checks:
        """Revisa hasta 500 textos."""
        path = "/api/v1/ad-texts/check-many"
        return cast("Checks", self.call("POST", path, body=body, idempotency_key=idempotency_key))

    def check_availability(self, body: Wish, *, idempotency_key: str | None = None) -> Availability:
        """Pregunta qué hay disponible.

        No aparta nada. Si no cabe, dice qué lo impide y lo más cercano que sí cabe.
        """
        path = "/api/v1/availability"
        return cast(
            "Availability", self.call("POST", path, body=body, idempotency_key=idempotency_key)
        )

    def list_brands(self, *, cursor: str | None = None, per_page: int | None = None) -> BrandPage:
        """Lista tus marcas."""
        path = "/api/v1/brands"
        return cast(
            "BrandPage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_brands(self, *, per_page: int | None = None) -> Iterator[Brand]:
        """Each one that `list_brands` lists, page by page."""
        return self.each("/api/v1/brands", {"perPage": per_page})

    def list_campaigns(
        self,
        *,
        brand: str | None = None,
        cursor: str | None = None,
        order: Literal["newest", "oldest", "name", "savedAt"] | None = None,
        per_page: int | None = None,
        q: str | None = None,
        runs_from: str | None = None,
        runs_until: str | None = None,
        status: Literal[
            "draft",
            "reserving",
            "no_inventory",
            "in_review",
            "changes_requested",
            "approved",
            "scheduled",
            "live",
            "paused",
            "finished",
            "rejected",
            "cancelled",
            "expired",
        ]
        | None = None,
    ) -> CampaignPage:
        """Lista campañas."""
        path = "/api/v1/campaigns"
        return cast(
            "CampaignPage",
            self.call(
                "GET",
                path,
                query={
                    "brand": brand,
                    "cursor": cursor,
                    "order": order,
                    "perPage": per_page,
                    "q": q,
                    "runsFrom": runs_from,
                    "runsUntil": runs_until,
                    "status": status,
                },
            ),
        )

    def iter_campaigns(
        self,
        *,
        brand: str | None = None,
        order: Literal["newest", "oldest", "name", "savedAt"] | None = None,
        per_page: int | None = None,
        q: str | None = None,
        runs_from: str | None = None,
        runs_until: str | None = None,
        status: Literal[
            "draft",
            "reserving",
            "no_inventory",
            "in_review",
            "changes_requested",
            "approved",
            "scheduled",
            "live",
            "paused",
            "finished",
            "rejected",
            "cancelled",
            "expired",
        ]
        | None = None,
    ) -> Iterator[Campaign]:
        """Each one that `list_campaigns` lists, page by page."""
        return self.each(
            "/api/v1/campaigns",
            {
                "brand": brand,
                "order": order,
                "perPage": per_page,
                "q": q,
                "runsFrom": runs_from,
                "runsUntil": runs_until,
                "status": status,
            },
        )

    def create_campaign(self, body: NewCampaign, *, idempotency_key: str | None = None) -> Campaign:
        """Crea una campaña.

        Nace como borrador: puede faltarle todo menos el nombre.
        """
        path = "/api/v1/campaigns"
        return cast("Campaign", self.call("POST", path, body=body, idempotency_key=idempotency_key))

    def get_campaign(self, id: str | int) -> Campaign:
        """Lee una campaña."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}"
        return cast("Campaign", self.call("GET", path))

    def update_campaign(
        self, id: str | int, body: Changes, *, if_match: str | None = None
    ) -> Campaign:
        """Cambia una campaña.

        Solo lo que envías, y solo si nadie la cambió desde que la leíste.
        """
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}"
        return cast(
            "Campaign", self.call("PATCH", path, body=body, if_match=if_match or self.tag(path))
        )

    def cancel_campaign(
        self, id: str | int, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Campaign:
        """Cancela."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/cancel"
        return cast(
            "Campaign", self.call("POST", path, if_match=if_match, idempotency_key=idempotency_key)
        )

    def copy_campaign(self, id: str | int, *, idempotency_key: str | None = None) -> Campaign:
        """Copia como borrador nuevo."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/copy"
        return cast("Campaign", self.call("POST", path, idempotency_key=idempotency_key))

    def list_campaign_history(
        self, id: str | int, *, cursor: str | None = None, per_page: int | None = None
    ) -> EventPage:
        """Lista su historia."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/history"
        return cast(
            "EventPage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_campaign_history(
        self, id: str | int, *, per_page: int | None = None
    ) -> Iterator[Event]:
        """Each one that `list_campaign_history` lists, page by page."""
        return self.each(
            f"/api/v1/campaigns/{quote(str(id), safe='')}/history", {"perPage": per_page}
        )

    def pause_campaign(
        self, id: str | int, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Campaign:
        """Pausa."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/pause"
        return cast(
            "Campaign", self.call("POST", path, if_match=if_match, idempotency_key=idempotency_key)
        )

    def resume_campaign(
        self, id: str | int, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Campaign:
        """Reanuda."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/resume"
        return cast(
            "Campaign", self.call("POST", path, if_match=if_match, idempotency_key=idempotency_key)
        )

    def stop_waiting_campaign(
        self, id: str | int, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Campaign:
        """Deja la lista de espera."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/stop-waiting"
        return cast(
            "Campaign", self.call("POST", path, if_match=if_match, idempotency_key=idempotency_key)
        )

    def submit_campaign(
        self,
        id: str | int,
        *,
        dry_run: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Submitted:
        """Envía a revisión.

        Con dryRun se contesta lo mismo y no cambia nada.
        """
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/submit"
        return cast(
            "Submitted",
            self.call(
                "POST",
                path,
                query={"dryRun": dry_run},
                if_match=if_match,
                idempotency_key=idempotency_key,
            ),
        )

    def list_campaign_versions(
        self, id: str | int, *, cursor: str | None = None, per_page: int | None = None
    ) -> VersionPage:
        """Lista lo que se envió."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/versions"
        return cast(
            "VersionPage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_campaign_versions(
        self, id: str | int, *, per_page: int | None = None
    ) -> Iterator[Version]:
        """Each one that `list_campaign_versions` lists, page by page."""
        return self.each(
            f"/api/v1/campaigns/{quote(str(id), safe='')}/versions", {"perPage": per_page}
        )

    def wait_campaign(
        self, id: str | int, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Campaign:
        """Pide aviso cuando haya inventario."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/wait"
        return cast(
            "Campaign", self.call("POST", path, if_match=if_match, idempotency_key=idempotency_key)
        )

    def withdraw_campaign(
        self, id: str | int, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Campaign:
        """Retira de revisión."""
        path = f"/api/v1/campaigns/{quote(str(id), safe='')}/withdraw"
        return cast(
            "Campaign", self.call("POST", path, if_match=if_match, idempotency_key=idempotency_key)
        )

    def create_campaigns(self, body: BulkDoc, *, idempotency_key: str | None = None) -> BulkResult:
        """Crea hasta 500 campañas.

        Cada una se crea o se dice por qué no; con allOrNothing, todas o ninguna.
        """
        path = "/api/v1/campaigns/bulk"
        return cast(
            "BulkResult", self.call("POST", path, body=body, idempotency_key=idempotency_key)
        )

    def list_ladas(
        self,
        *,
        cursor: str | None = None,
        per_page: int | None = None,
        q: str | None = None,
        state: str | None = None,
    ) -> LadaPage:
        """Lista LADA."""
        path = "/api/v1/ladas"
        return cast(
            "LadaPage",
            self.call(
                "GET", path, query={"cursor": cursor, "perPage": per_page, "q": q, "state": state}
            ),
        )

    def iter_ladas(
        self, *, per_page: int | None = None, q: str | None = None, state: str | None = None
    ) -> Iterator[Lada]:
        """Each one that `list_ladas` lists, page by page."""
        return self.each("/api/v1/ladas", {"perPage": per_page, "q": q, "state": state})

    def get_lada(self, code: str | int) -> Lada:
        """Lee una LADA."""
        path = f"/api/v1/ladas/{quote(str(code), safe='')}"
        return cast("Lada", self.call("GET", path))

    def list_notices(
        self, *, cursor: str | None = None, per_page: int | None = None, unread: bool | None = None
    ) -> NoticePage:
        """Lista avisos."""
        path = "/api/v1/notices"
        return cast(
            "NoticePage",
            self.call("GET", path, query={"cursor": cursor, "perPage": per_page, "unread": unread}),
        )

    def iter_notices(
        self, *, per_page: int | None = None, unread: bool | None = None
    ) -> Iterator[Notice]:
        """Each one that `list_notices` lists, page by page."""
        return self.each("/api/v1/notices", {"perPage": per_page, "unread": unread})

    def read_notice(self, id: str | int, *, idempotency_key: str | None = None) -> Notice:
        """Marca un aviso como leído."""
        path = f"/api/v1/notices/{quote(str(id), safe='')}/read"
        return cast("Notice", self.call("POST", path, idempotency_key=idempotency_key))

    def read_all_notices(self, *, idempotency_key: str | None = None) -> Read:
        """Marca todos como leídos."""
        path = "/api/v1/notices/read-all"
        return cast("Read", self.call("POST", path, idempotency_key=idempotency_key))

    def list_saved_zones(
        self, *, cursor: str | None = None, per_page: int | None = None
    ) -> SavedZonePage:
        """Lista zonas guardadas."""
        path = "/api/v1/saved-zones"
        return cast(
            "SavedZonePage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_saved_zones(self, *, per_page: int | None = None) -> Iterator[SavedZone]:
        """Each one that `list_saved_zones` lists, page by page."""
        return self.each("/api/v1/saved-zones", {"perPage": per_page})

    def create_saved_zone(self, body: NewZone, *, idempotency_key: str | None = None) -> SavedZone:
        """Guarda una zona."""
        path = "/api/v1/saved-zones"
        return cast(
            "SavedZone", self.call("POST", path, body=body, idempotency_key=idempotency_key)
        )

    def get_saved_zone(self, id: str | int) -> SavedZone:
        """Lee una zona guardada."""
        path = f"/api/v1/saved-zones/{quote(str(id), safe='')}"
        return cast("SavedZone", self.call("GET", path))

    def update_saved_zone(self, id: str | int, body: Name) -> SavedZone:
        """Cambia el nombre de una zona."""
        path = f"/api/v1/saved-zones/{quote(str(id), safe='')}"
        return cast("SavedZone", self.call("PATCH", path, body=body))

    def delete_saved_zone(self, id: str | int) -> None:
        """Borra una zona guardada."""
        path = f"/api/v1/saved-zones/{quote(str(id), safe='')}"
        self.call("DELETE", path)

    def list_short_links(
        self, *, cursor: str | None = None, per_page: int | None = None
    ) -> ShortLinkPage:
        """Lista enlaces cortos."""
        path = "/api/v1/short-links"
        return cast(
            "ShortLinkPage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_short_links(self, *, per_page: int | None = None) -> Iterator[ShortLink]:
        """Each one that `list_short_links` lists, page by page."""
        return self.each("/api/v1/short-links", {"perPage": per_page})

    def get_short_link(self, code: str | int) -> ShortLink:
        """Lee un enlace corto."""
        path = f"/api/v1/short-links/{quote(str(code), safe='')}"
        return cast("ShortLink", self.call("GET", path))

    def list_short_link_hours(
        self, code: str | int, *, cursor: str | None = None, per_page: int | None = None
    ) -> HourPage:
        """Lista sus visitas por hora."""
        path = f"/api/v1/short-links/{quote(str(code), safe='')}/hours"
        return cast(
            "HourPage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_short_link_hours(
        self, code: str | int, *, per_page: int | None = None
    ) -> Iterator[Hour]:
        """Each one that `list_short_link_hours` lists, page by page."""
        return self.each(
            f"/api/v1/short-links/{quote(str(code), safe='')}/hours", {"perPage": per_page}
        )

    def list_states(
        self, *, cursor: str | None = None, per_page: int | None = None, q: str | None = None
    ) -> StatePage:
        """Lista estados."""
        path = "/api/v1/states"
        return cast(
            "StatePage",
            self.call("GET", path, query={"cursor": cursor, "perPage": per_page, "q": q}),
        )

    def iter_states(self, *, per_page: int | None = None, q: str | None = None) -> Iterator[State]:
        """Each one that `list_states` lists, page by page."""
        return self.each("/api/v1/states", {"perPage": per_page, "q": q})

    def get_state(self, code: str | int) -> State:
        """Lee un estado."""
        path = f"/api/v1/states/{quote(str(code), safe='')}"
        return cast("State", self.call("GET", path))

    def list_webhooks(
        self, *, cursor: str | None = None, per_page: int | None = None
    ) -> WebhookPage:
        """Lista webhooks."""
        path = "/api/v1/webhooks"
        return cast(
            "WebhookPage", self.call("GET", path, query={"cursor": cursor, "perPage": per_page})
        )

    def iter_webhooks(self, *, per_page: int | None = None) -> Iterator[Webhook]:
        """Each one that `list_webhooks` lists, page by page."""
        return self.each("/api/v1/webhooks", {"perPage": per_page})

    def create_webhook(self, body: NewWebhook, *, idempotency_key: str | None = None) -> Secret:
        """Da de alta un webhook.

        Contesta su secreto, esta vez y ninguna otra. Una marca tiene hasta 20.
        """
        path = "/api/v1/webhooks"
        return cast("Secret", self.call("POST", path, body=body, idempotency_key=idempotency_key))

    def get_webhook(self, id: str | int) -> Webhook:
        """Lee un webhook."""
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}"
        return cast("Webhook", self.call("GET", path))

    def update_webhook(self, id: str | int, body: WebhookChanges) -> Webhook:
        """Cambia un webhook.

        Solo lo que envías; lo pendiente va a la dirección nueva.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}"
        return cast("Webhook", self.call("PATCH", path, body=body))

    def delete_webhook(self, id: str | int) -> None:
        """Borra un webhook.

        Con su registro de envíos.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}"
        self.call("DELETE", path)

    def list_webhook_deliveries(
        self,
        id: str | int,
        *,
        cursor: str | None = None,
        per_page: int | None = None,
        state: Literal["waiting", "delivered", "given_up"] | None = None,
    ) -> DeliveryPage:
        """Lista sus envíos.

        De los últimos 30 días, el más nuevo primero.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}/deliveries"
        return cast(
            "DeliveryPage",
            self.call("GET", path, query={"cursor": cursor, "perPage": per_page, "state": state}),
        )

    def iter_webhook_deliveries(
        self,
        id: str | int,
        *,
        per_page: int | None = None,
        state: Literal["waiting", "delivered", "given_up"] | None = None,
    ) -> Iterator[Delivery]:
        """Each one that `list_webhook_deliveries` lists, page by page."""
        return self.each(
            f"/api/v1/webhooks/{quote(str(id), safe='')}/deliveries",
            {"perPage": per_page, "state": state},
        )

    def get_webhook_delivery(self, delivery: str | int, id: str | int) -> Sent:
        """Lee un envío."""
        path = (
            f"/api/v1/webhooks/{quote(str(id), safe='')}/deliveries/{quote(str(delivery), safe='')}"
        )
        return cast("Sent", self.call("GET", path))

    def redeliver_webhook_delivery(
        self, delivery: str | int, id: str | int, *, idempotency_key: str | None = None
    ) -> Sent:
        """Repite un envío.

        Ahora, con el mismo `webhook-id`, y por tres días si hace falta.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}/deliveries/{quote(str(delivery), safe='')}/redeliver"
        return cast("Sent", self.call("POST", path, idempotency_key=idempotency_key))

    def pause_webhook(self, id: str | int, *, idempotency_key: str | None = None) -> Webhook:
        """Pausa un webhook.

        Lo que pase lo espera 30 días.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}/pause"
        return cast("Webhook", self.call("POST", path, idempotency_key=idempotency_key))

    def resume_webhook(self, id: str | int, *, idempotency_key: str | None = None) -> Webhook:
        """Reanuda un webhook.

        Le envía lo que quedó pendiente.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}/resume"
        return cast("Webhook", self.call("POST", path, idempotency_key=idempotency_key))

    def rotate_webhook_secret(self, id: str | int, *, idempotency_key: str | None = None) -> Secret:
        """Cambia su secreto.

        Contesta el nuevo, esta vez y ninguna otra. El anterior firma también por 24 horas.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}/rotate-secret"
        return cast("Secret", self.call("POST", path, idempotency_key=idempotency_key))

    def test_webhook(self, id: str | int, *, idempotency_key: str | None = None) -> Sent:
        """Envía un evento de prueba.

        Una vez y ahora, también en pausa. Lee el envío para saber cómo le fue.
        """
        path = f"/api/v1/webhooks/{quote(str(id), safe='')}/test"
        return cast("Sent", self.call("POST", path, idempotency_key=idempotency_key))

    def list_zones(
        self,
        *,
        cursor: str | None = None,
        per_page: int | None = None,
        q: str | None = None,
        state: str | None = None,
    ) -> ZonePage:
        """Lista zonas."""
        path = "/api/v1/zones"
        return cast(
            "ZonePage",
            self.call(
                "GET", path, query={"cursor": cursor, "perPage": per_page, "q": q, "state": state}
            ),
        )

    def iter_zones(
        self, *, per_page: int | None = None, q: str | None = None, state: str | None = None
    ) -> Iterator[Zone]:
        """Each one that `list_zones` lists, page by page."""
        return self.each("/api/v1/zones", {"perPage": per_page, "q": q, "state": state})

    def get_zone(self, code: str | int) -> Zone:
        """Lee una zona."""
        path = f"/api/v1/zones/{quote(str(code), safe='')}"
        return cast("Zone", self.call("GET", path))
