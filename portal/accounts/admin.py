"""Admin of users, groups and API clients. A user's e-mail is their username."""

from typing import Any, ClassVar

from allauth.account import admin as addresses
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa import admin as factors
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as sessions
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as stock
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    UserChangeForm,
)
from django.contrib.auth.models import Group, Permission
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from oauth2_provider import admin as tokens
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from campaigns.admin.brands import yes_or_no
from core import search
from portal.accounts.models import ApiClient, User

APPS = ("accounts", "campaigns", "inventory", "segments", "auth")
VERBS: dict[str, str | Promise] = {
    "view": _("ver"),
    "add": _("agregar"),
    "change": _("cambiar"),
    "delete": _("borrar"),
}


class PermissionChoiceField(forms.ModelMultipleChoiceField):
    """Permissions labelled in Spanish: Django stores the names of its own four in English."""

    def label_from_instance(self, permission: Any) -> str:
        kind = permission.content_type
        verb, _under, model = permission.codename.partition("_")
        name = VERBS[verb] if verb in VERBS and model == kind.model else permission.name
        return f"{capfirst(kind.name)} · {name}"


class PermissionsAdminMixin(admin.ModelAdmin):
    """Offer the permissions of the portal's own apps only, as checkboxes."""

    filter_horizontal: ClassVar[tuple[str, ...]] = ()

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: Any = None, **options: Any
    ) -> Any:
        options["widget"] = forms.CheckboxSelectMultiple(attrs={"class": "choices-list"})
        if db_field.related_model is Permission:
            options["form_class"] = PermissionChoiceField
            options["queryset"] = Permission.objects.filter(
                content_type__app_label__in=APPS
            ).order_by("content_type__app_label", "content_type__model", "id")
        return super().formfield_for_manytomany(db_field, request, **options)


class UsablePasswordMixin:
    """Replace the stock help text, which mentions other systems to sign in with."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["usable_password"].help_text = _(  # type: ignore[attr-defined]
            "Deshabilitada, la persona no puede entrar hasta que se le ponga una contraseña."
        )


class UserCreationForm(UsablePasswordMixin, AdminUserCreationForm):
    """Create a user by e-mail, stored in lower case."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserForm(UserChangeForm):
    """Change a user. The password has a page of its own and its hash is not displayed."""

    password = None  # type: ignore[assignment]  # Django's way to leave out a field

    class Meta:
        model = User
        exclude = ("password",)
        labels = {
            "is_staff": _("De Telefónica"),
            "is_superuser": _("Administra el portal"),
            "user_permissions": _("Permisos"),
        }
        help_texts = {
            "is_active": _("Quítala en vez de borrar: las historias nombran a las personas."),
            "is_staff": _("Entra a revisión y operación."),
            "is_superuser": _("Puede todo, sin que se le den permisos."),
            "groups": _("Recibe los permisos de cada grupo."),
            "user_permissions": _("Además de los de sus grupos."),
        }

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class PasswordForm(UsablePasswordMixin, AdminPasswordChangeForm):
    pass


class SideFilter(admin.SimpleListFilter):
    title = _("lado")
    parameter_name = "lado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("telefonica", _("De Telefónica")), ("marcas", _("De las marcas"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen = self.value()
        return queryset.filter(is_staff=chosen == "telefonica") if chosen else queryset


@admin.register(User)
class UserAdmin(PermissionsAdminMixin, stock.UserAdmin):
    """Superusers grant permissions; other staff add and change users of brands."""

    form = UserForm
    add_form = UserCreationForm
    change_password_form = PasswordForm
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "password_page")}),
        (
            _("Permisos"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Fechas"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "email",
                    "first_name",
                    "last_name",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )
    list_display = ("email", "first_name", "last_name", "side", "may_sign_in", "last_login")
    list_filter = (SideFilter, "is_active")
    search_fields = search.fields("email", "first_name", "last_name")
    search_help_text = _("Correo, nombre o apellido.")
    ordering = ("email",)
    actions = ("remove_second_factor", "end_sessions")
    show_facets = admin.ShowFacets.NEVER

    def has_administer_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may make the actions: only administrators."""
        return request.user.is_superuser

    @admin.action(description=_("Quitar la verificación en dos pasos"), permissions=["administer"])
    def remove_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Let users who lost their phone sign in by password alone, and tell them by mail."""
        affected = users.filter(authenticator__isnull=False).distinct()
        for user in list(affected):
            Authenticator.objects.filter(user=user).delete()
            self.log_change(request, user, str(_("Se quitó la verificación en dos pasos.")))
            get_adapter().send_notification_mail("mfa/email/totp_deactivated", user)
        count = len(affected)
        messages.success(
            request,
            ngettext(
                "Se quitó a {n} persona. Ya lo sabe por correo.",
                "Se quitó a {n} personas. Ya lo saben por correo.",
                count,
            ).format(n=count),
        )

    @admin.action(description=_("Cerrar todas sus sesiones"), permissions=["administer"])
    def end_sessions(self, request: HttpRequest, users: QuerySet[User]) -> None:
        ended = list(UserSession.objects.filter(user__in=users))
        for session in ended:
            session.end()
        count = len(ended)
        messages.success(
            request,
            ngettext("Se cerró {n} sesión.", "Se cerraron {n} sesiones.", count).format(n=count),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = ("password_page", "last_login", "date_joined")
        if request.user.is_superuser:
            return fields
        return (*fields, "is_staff", "is_superuser", "groups", "user_permissions")

    @admin.display(description=_("lado"), ordering="is_staff")
    def side(self, user: User) -> str | Promise:
        return _("Telefónica") if user.is_staff else _("Marcas")

    @admin.display(description=_("activa"), ordering="is_active")
    def may_sign_in(self, user: User) -> str | Promise:
        return yes_or_no(user.is_active)

    @admin.display(description=_("contraseña"))
    def password_page(self, user: User) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:auth_user_password_change", args=[user.pk]),
            _("Poner una nueva"),
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save a user. An address that staff wrote counts as confirmed."""
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            obj.confirm_email()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Allow only administrators to change those who can do more than a brand's people.

        Whoever sets a password can sign in with it.
        """
        if obj is not None and not request.user.is_superuser and _has_rights(obj):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: histories name users, so who leaves is made inactive."""
        return False


def _has_rights(user: User) -> bool:
    """Return whether a user has rights in the admin, or would have them once they are staff."""
    return (
        user.is_staff or user.is_superuser or user.groups.exists() or user.user_permissions.exists()
    )


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(PermissionsAdminMixin, stock.GroupAdmin):
    """Only administrators write groups: any other could give themselves every permission."""

    search_fields = search.fields("name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser


# Pages that libraries register, once these are imported. Owners create API clients on their own
# page, and tokens are never displayed. The others let staff give themselves the address or the
# second factor of somebody else; what an administrator needs of them are actions of UserAdmin.
assert all((addresses, factors, sessions, tokens))
admin.site.unregister([ApiClient, AccessToken, Grant, IDToken, RefreshToken])
admin.site.unregister([EmailAddress, Authenticator, UserSession])


@admin.register(ApiClient)
class ApiClientAdmin(admin.ModelAdmin):
    """The API clients of the brands, read-only: their owners create and revoke them."""

    list_display = ("name", "brand", "created_by", "created", "last_token_at", "revoked_at")
    list_select_related = ("brand", "created_by")
    fields = (
        "name",
        "brand",
        "scopes",
        "created_by",
        "created",
        "renewed_at",
        "last_token_at",
        "revoked_at",
    )
    readonly_fields = fields
    search_fields = search.fields("name", "brand__name")
    search_help_text = _("Nombre o marca.")
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        return False
