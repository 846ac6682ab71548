"""The team of a brand: members, invitations, and the page that an invitation's link opens."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import teams
from campaigns.errors import CampaignError
from campaigns.models import Brand, Invitation, Membership
from portal.accounts import access, sign_up
from portal.accounts.access import SignedInRequest, login_required
from portal.accounts.models import User

ROLES = {  # those of people, with what each may do
    Membership.Role.OWNER: gettext_lazy("Titular: todo, también el equipo"),
    Membership.Role.EDITOR: gettext_lazy("Edición: crea y envía campañas"),
    Membership.Role.VIEWER: gettext_lazy("Consulta: ve campañas y reportes"),
}


class InvitationForm(forms.Form):
    """The e-mail of a new member, and their role."""

    email = forms.EmailField(
        label=gettext_lazy("Correo"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Escribe el correo de quien quieres invitar."),
            "invalid": gettext_lazy("Escribe el correo completo, como nombre@empresa.mx."),
        },
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Papel"),
        choices=list(ROLES.items()),
        initial=Membership.Role.EDITOR,
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(choices=[(role.value, role.label) for role in ROLES])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_page(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the members of a brand, and invite another for an owner."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    if request.method != "POST":
        return _page(request, brand, InvitationForm())
    access.owned_brand(request, slug)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, form, status=422)
    data = form.cleaned_data
    try:
        teams.invite(brand.pk, data["email"], data["role"], by=request.user)
    except CampaignError as error:
        form.add_error("email", error.message)
        return _page(request, brand, form, status=409)
    messages.success(request, _("Enviamos la invitación a {email}.").format(email=data["email"]))
    return redirect("portal:team", slug=slug)


@login_required
@require_POST
def change_member(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Change a member's role, or remove them. Everybody may remove themselves."""
    brand = access.brand_of(request, slug)
    member = get_object_or_404(brand.memberships.people(), pk=pk)
    own = member.user_id == request.user.pk
    if not (own or brand.is_owned_by(request.user)):
        raise Http404
    if request.POST.get("action") == "remove":
        removed = _try(request, lambda: _remove(member, own=own, by=request.user))
        return redirect("portal:home") if removed and own else redirect("portal:team", slug=slug)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    _try(request, lambda: _change_role(member, form.cleaned_data["role"], by=request.user))
    return redirect("portal:team", slug=slug)


@login_required
@require_POST
def change_invitation(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Send an invitation again, or revoke it."""
    brand = access.owned_brand(request, slug)
    invitation = get_object_or_404(Invitation, brand=brand, pk=pk)
    if request.POST.get("action") == "revoke":
        _try(request, lambda: _revoke(invitation, by=request.user))
    else:
        _try(request, lambda: _resend(invitation, by=request.user))
    return redirect("portal:team", slug=slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    """Display an invitation; a user with its e-mail accepts it by POST.

    The link's token is kept in the session, where the sign-up form looks for it.
    """
    invitation = Invitation.objects.find_by_token(token)
    user = request.user if request.user.is_authenticated else None
    if request.method == "POST" and user is not None:
        joined = _try(request, lambda: _accept(token, by=user))
        return redirect("portal:home") if joined else redirect("portal:invitation", token=token)
    if invitation is None:
        return render(request, "brands/invitation_invalid.html", status=410)
    request.session[sign_up.INVITATION_KEY] = token
    context = {
        "invitation": invitation,
        "has_account": User.objects.filter(email__iexact=invitation.email).exists(),
        "is_own": user is not None and user.email.lower() == invitation.email.lower(),
    }
    return render(request, "brands/invitation.html", context)


def _page(
    request: SignedInRequest, brand: Brand, form: InvitationForm, *, status: int = 200
) -> HttpResponse:
    owns = brand.may_manage(request.user)
    people = brand.memberships.people().select_related("user")
    context: dict[str, Any] = {
        "brand": brand,
        "nav": "team",
        "owns": owns,
        "members": people.order_by("user__first_name", "user__email"),
        "roles": [(role.value, role.label) for role in ROLES],
        "invitations": brand.invitations.open().order_by("id") if owns else [],
        "form": form,
    }
    return render(request, "brands/team.html", context, status=status)


def _try(request: HttpRequest, action: Callable[[], str]) -> bool:
    """Call `action`, report what it returns or raises as a message; return whether it succeeded."""
    try:
        messages.success(request, action())
    except CampaignError as error:
        messages.error(request, error.message)
        return False
    return True


def _remove(member: Membership, *, own: bool, by: User) -> str:
    removed = teams.remove(member.pk, by=by)
    if own:
        return _("Saliste de {brand}.").format(brand=member.brand)
    return _("{who} ya no está en el equipo.").format(who=removed.user)


def _change_role(member: Membership, role: str, *, by: User) -> str:
    changed = teams.change_role(member.pk, role, by=by)
    return _("{who} ahora es: {role}.").format(who=changed.user, role=changed.get_role_display())


def _revoke(invitation: Invitation, *, by: User) -> str:
    teams.revoke(invitation.pk, by=by)
    return _("Anulaste la invitación de {email}.").format(email=invitation.email)


def _resend(invitation: Invitation, *, by: User) -> str:
    teams.resend(invitation.pk, by=by)
    return _("Enviamos otra vez la invitación a {email}. El enlace anterior ya no sirve.").format(
        email=invitation.email
    )


def _accept(token: str, *, by: User) -> str:
    return _("Ya estás en el equipo de {brand}.").format(brand=teams.accept(token, by=by))
