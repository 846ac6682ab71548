"""People and groups of permissions. The e-mail is the name."""

from typing import Any

from django import forms
from django.contrib import admin
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
from oauth2_provider import admin as tokens
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from campaigns.admin.brands import yes_or_no
from portal.accounts.models import ApiClient, User

APPS = ("portal", "campaigns", "inventory", "segments", "auth")
VERBS: dict[str, str | Promise] = {
    "view": _("ver"),
    "add": _("agregar"),
    "change": _("cambiar"),
    "delete": _("borrar"),
}


class PermissionChoice(forms.ModelMultipleChoiceField):
    """Permissions in Spanish; Django keeps the names of its own four in English."""

    def label_from_instance(self, permission: Any) -> str:
        kind = permission.content_type
        verb, _under, model = permission.codename.partition("_")
        said = VERBS[verb] if verb in VERBS and model == kind.model else permission.name
        return f"{capfirst(kind.name)} · {said}"


class WithPermissions:
    """Offers the permissions of the portal's own apps, and no others, as boxes to tick."""

    filter_horizontal = ()

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **options: Any
    ) -> Any:
        options["widget"] = forms.CheckboxSelectMultiple(attrs={"class": "choices-list"})
        if db_field.related_model is Permission:
            options["form_class"] = PermissionChoice
            options["queryset"] = Permission.objects.filter(
                content_type__app_label__in=APPS
            ).order_by("content_type__app_label", "content_type__model", "id")
        return super().formfield_for_manytomany(db_field, request, **options)  # type: ignore[misc]


class PasswordWords:
    """The stock forms, less their mention of sign-in by other systems: there are none here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["usable_password"].help_text = _(  # type: ignore[attr-defined]
            "Deshabilitada, la persona no puede entrar hasta que se le ponga una contraseña."
        )


class NewPersonForm(PasswordWords, AdminUserCreationForm):
    """A person by e-mail, kept in small letters: the database tells no case apart."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class PersonForm(UserChangeForm):
    """The password is not shown, not even as a digest: it has a page of its own."""

    password = None

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


class NewPasswordForm(PasswordWords, AdminPasswordChangeForm):
    pass


class Side(admin.SimpleListFilter):
    title = _("lado")
    parameter_name = "lado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("telefonica", _("De Telefónica")), ("marcas", _("De las marcas"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen = self.value()
        return queryset.filter(is_staff=chosen == "telefonica") if chosen else queryset


@admin.register(User)
class UserAdmin(WithPermissions, stock.UserAdmin):
    """Superusers give rights; others may open and change the accounts of people of brands."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = NewPasswordForm
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
    list_filter = (Side, "is_active")
    search_fields = ("email", "first_name", "last_name")
    search_help_text = _("Correo, nombre o apellido.")
    ordering = ("email",)
    show_facets = admin.ShowFacets.NEVER

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        shown = ("password_page", "last_login", "date_joined")
        if request.user.is_superuser:
            return shown
        return (*shown, "is_staff", "is_superuser", "groups", "user_permissions")

    @admin.display(description=_("lado"), ordering="is_staff")
    def side(self, person: User) -> str | Promise:
        return _("Telefónica") if person.is_staff else _("Marcas")

    @admin.display(description=_("activa"), ordering="is_active")
    def may_sign_in(self, person: User) -> str | Promise:
        return yes_or_no(person.is_active)

    @admin.display(description=_("contraseña"))
    def password_page(self, person: User) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:auth_user_password_change", args=[person.pk]),
            _("Poner una nueva"),
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Staff answer for the addresses that they write."""
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            obj.vouch()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser changes staff: whoever sets a password can sign in with it."""
        if obj is not None and obj.is_staff and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Histories name people: who leaves is made inactive."""
        return False


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(WithPermissions, stock.GroupAdmin):
    pass


# What the library puts here makes programs and shows tokens: owners do the first, nobody the other.
assert tokens
admin.site.unregister([ApiClient, AccessToken, Grant, IDToken, RefreshToken])


@admin.register(ApiClient)
class ProgramAdmin(admin.ModelAdmin):
    """The programs of the brands, to read: their owners make and revoke them."""

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
    search_fields = ("name", "brand__name")
    search_help_text = _("Nombre o marca.")
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        return False
