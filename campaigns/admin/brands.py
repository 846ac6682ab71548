"""Brands with their people, and the reasons a reviewer can give."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Brand, Membership, Reason


def yes_or_no(value: bool) -> str | Promise:
    """Say in words what Django shows as an icon, with "True" for who cannot see it."""
    return _("Sí") if value else _("No")


class BySuperusers:
    """Superusers add and change; nothing is deleted, as campaigns refer to it."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser


class PersonSelect(AutocompleteSelect):
    """Says what is chosen here, where Django's own is empty for who cannot see."""

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {"data-placeholder": _("Escribe un correo o un nombre")}


class MembershipInline(BySuperusers, admin.StackedInline):
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


@admin.register(Brand)
class BrandAdmin(BySuperusers, admin.ModelAdmin):
    list_display = ["name", "category", "is_active", "created_at"]
    list_filter = ["active", "category"]
    search_fields = ["name", "slug"]
    search_help_text = _("Nombre o clave de la marca.")
    readonly_fields = ["is_active"]
    inlines = [MembershipInline]
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Brand | None = None) -> list[str]:
        active = "active" if self.has_change_permission(request, obj) else "is_active"
        return ["name", "slug", "category", active]

    @admin.display(description=_("activa"), ordering="active")
    def is_active(self, brand: Brand) -> str | Promise:
        return yes_or_no(brand.active)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Brand | None = None
    ) -> dict[str, tuple[str, ...]]:
        """The address is made from the name once, and stays when the name changes."""
        return {} if obj else {"slug": ("name",)}


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    list_display = ["label", "help", "position", "is_active"]
    list_filter = ["active"]
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description=_("activo"), ordering="active")
    def is_active(self, reason: Reason) -> str | Promise:
        return yes_or_no(reason.active)
