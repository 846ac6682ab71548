"""The admin of brands with their members, and of the reasons for reviewers' decisions."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import AbstractUser as User
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import brands, lifecycle
from campaigns.admin import reason_page
from campaigns.errors import CampaignError, NameTaken
from campaigns.models import Brand, Membership, Reason
from campaigns.models.brand import BrandQuerySet
from core import search


def yes_or_no(value: bool) -> str | Promise:
    """Return a word instead of Django's icon, whose text for screen readers is "True"."""
    return _("Sí") if value else _("No")


class SuperuserEditsMixin:
    """Superusers add and change; nothing is deleted, as campaigns refer to it."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser


class PersonSelect(AutocompleteSelect):
    """A select with a placeholder, which Django's own lacks, for screen readers too."""

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {"data-placeholder": _("Escribe un correo o un nombre")}


class MembershipInline(SuperuserEditsMixin, admin.StackedInline):
    model = Membership
    extra = 0
    fields = [("user", "role")]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **options: Any
    ) -> Any:
        if db_field.name == "user":
            options["widget"] = PersonSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("campaigns.view_brand")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")


class BrandStageFilter(admin.SimpleListFilter):
    """Filter by whether a brand waits, is active, suspended or discarded."""

    title = _("estado")
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [
            ("por-activar", _("Por activar")),
            ("activas", _("Activas")),
            ("suspendidas", _("Suspendidas")),
            ("descartadas", _("Descartadas")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Brand]) -> QuerySet[Brand]:
        assert isinstance(queryset, BrandQuerySet)
        match self.value():
            case "por-activar":
                return queryset.waiting()
            case "activas":
                return queryset.filter(active=True)
            case "suspendidas":
                return queryset.filter(active=False, activated_at__isnull=False)
            case "descartadas":
                return queryset.discarded()
        return queryset


@admin.register(Brand)
class BrandAdmin(SuperuserEditsMixin, admin.ModelAdmin):
    list_display = ["name", "category", "stage", "owners", "created_at"]
    list_filter = [BrandStageFilter, "category"]
    actions = ["activate", "discard", "restore", "suspend", "reinstate"]
    search_fields = search.fields("name", "slug")
    search_help_text = _("Nombre o clave de la marca.")
    readonly_fields = ["stage", "discard_reason", "suspended_at", "suspension_reason"]
    inlines = [MembershipInline]
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Brand | None = None) -> tuple[str, ...]:
        """Return its fields; what stage it is in is changed by actions alone."""
        reasons: tuple[str, ...] = ()
        if obj and obj.is_discarded:
            reasons = ("discard_reason",)
        elif obj and obj.is_suspended:
            reasons = ("suspended_at", "suspension_reason")
        limits = ("held_limit", "share_limit", "lada_share_limit")
        return ("name", "slug", "category", *limits, "stage", *reasons)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        rows = super().get_queryset(request).filter(sandbox_of=None)
        return rows.prefetch_related("memberships__user__emailaddress_set")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the brands, or go on with a reason that was written before the session ended."""
        recovered = reason_page.recover(self, request) if request.method == "GET" else None
        return recovered or super().changelist_view(request, extra_context)

    def has_activate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.activate_brand")

    @admin.action(description=_("Activar y avisar a sus titulares"), permissions=["activate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Brand]) -> None:
        activated: list[str] = []
        for brand in queryset:
            try:
                if brands.activate(brand.pk):
                    activated.append(brand.name)
                    self.log_change(request, brand, str(_("La activó.")))
            except NameTaken as error:
                self.message_user(request, error.message, messages.ERROR)
        if activated:
            message = _("Activadas: {names}. Les avisamos por correo.").format(
                names=", ".join(activated)
            )
            self.message_user(request, message, messages.SUCCESS)
        else:
            self.message_user(request, _("Ninguna de las elegidas esperaba."), messages.INFO)

    @admin.action(description=_("Descartar con un motivo"), permissions=["activate"])
    def discard(self, request: HttpRequest, queryset: QuerySet[Brand]) -> HttpResponse | None:
        """Ask for the reason, then discard those of the chosen brands that wait."""
        return reason_page.act(self, request, reason_page.DISCARD, queryset)

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.suspend_brand")

    @admin.action(description=_("Suspender con un motivo"), permissions=["suspend"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Brand]) -> HttpResponse | None:
        """Ask for the reason, then suspend those of the chosen brands that are active."""
        return reason_page.act(self, request, reason_page.SUSPEND, queryset)

    @admin.action(description=_("Levantar la suspensión"), permissions=["suspend"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Brand]) -> None:
        assert isinstance(request.user, User)
        lifted: list[str] = []
        for brand in queryset:
            try:
                if lifecycle.reinstate(brand.pk, by=request.user):
                    lifted.append(brand.name)
                    self.log_change(request, brand, str(_("Levantó su suspensión.")))
            except CampaignError as error:
                self.message_user(request, error.message, messages.ERROR)
        if lifted:
            message = _("Ya no están suspendidas: {names}. Les avisamos por correo.").format(
                names=", ".join(lifted)
            )
            self.message_user(request, message, messages.SUCCESS)
        else:
            self.message_user(
                request, _("Ninguna de las elegidas estaba suspendida."), messages.INFO
            )

    @admin.action(description=_("Regresar a la espera"), permissions=["activate"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Brand]) -> None:
        restored = [brand for brand in queryset if brands.restore(brand.pk)]
        for brand in restored:
            self.log_change(request, brand, str(_("La regresó a la espera.")))
        if restored:
            names = ", ".join(brand.name for brand in restored)
            message = _("Esperan otra vez: {names}.").format(names=names)
            self.message_user(request, message, messages.SUCCESS)
        else:
            self.message_user(request, _("Ninguna de las elegidas se descartó."), messages.INFO)

    @admin.display(description=_("estado"), ordering="active")
    def stage(self, brand: Brand) -> str | Promise:
        if brand.is_discarded:
            return _("Descartada")
        if brand.is_waiting:
            return _("Por activar")
        return _("Activa") if brand.active else _("Suspendida")

    @admin.display(description=_("titulares"))
    def owners(self, brand: Brand) -> str:
        """Return the owners' addresses, with a note on those that are not confirmed."""
        return ", ".join(
            member.user.email
            if _confirmed(member)
            else f"{member.user.email} ({_('sin confirmar')})"
            for member in brand.memberships.all()
            if member.role == Membership.Role.OWNER
        )

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Brand | None = None
    ) -> dict[str, Sequence[str]]:
        """Fill in the slug from the name of a new brand only: it stays when the name changes."""
        return {} if obj else {"slug": ("name",)}


def _confirmed(member: Membership) -> bool:
    addresses = member.user.emailaddress_set  # type: ignore[attr-defined]  # allauth has no types
    return any(address.verified for address in addresses.all())


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    list_display = ["label", "help", "position", "is_active"]
    list_filter = ["active"]
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description=_("activo"), ordering="active")
    def is_active(self, reason: Reason) -> str | Promise:
        return yes_or_no(reason.active)
