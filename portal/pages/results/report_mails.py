"""The page of a brand on which it chooses to whom results are mailed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.errors import CampaignError
from campaigns.models import Brand, ReportRecipient
from campaigns.report_mails import recipients, weeks
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.accounts.models import User

KINDS = [(kind.value, kind.label) for kind in ReportRecipient.Kind]
MAIL_SERVER_AWAY = gettext_lazy("El servidor de correo no contesta. Inténtalo en un rato.")


class AddressForm(forms.Form):
    """An address of nobody in the brand, and the mails that it gets."""

    email = forms.EmailField(
        label=gettext_lazy("Correo"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Escribe el correo de quien los va a recibir."),
            "invalid": gettext_lazy("Escribe el correo completo, como nombre@empresa.mx."),
        },
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Qué recibe"),
        choices=KINDS,
        initial=list(ReportRecipient.Kind),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Elige al menos uno.")},
    )


@dataclass(frozen=True)
class Choice:
    """A kind of mail in a line: whether it is chosen, and whether its person stopped it."""

    kind: ReportRecipient.Kind
    wanted: bool
    stopped_at: datetime | None
    is_open: bool  # whether the reader may change it


@dataclass(frozen=True)
class Line:
    """Somebody in the list: a person of the brand, or another address."""

    key: str  # of its fields: "u" and a user's key, or "r" and a recipient's
    name: str
    address: str
    is_own: bool
    recipient: ReportRecipient | None
    mailed_at: datetime | None
    choices: list[Choice]

    @property
    def waits(self) -> bool:
        return self.recipient is not None and self.recipient.confirmed_at is None

    @property
    def refused(self) -> bool:
        return self.waits and any(choice.stopped_at for choice in self.choices)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_mails(request: SignedInRequest, slug: str) -> HttpResponse:
    """List to whom a brand's results are mailed; save choices, add an address, send a sample."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    if request.method != "POST":
        return _page(request, brand, AddressForm())
    match request.POST.get("action"):
        case "add":
            return _add(request, brand)
        case "sample":
            _try(request, lambda: _sample(brand, request.user))
        case _:
            _try(request, lambda: _save(request, brand))
    return redirect("portal:report_mails", slug=slug)


@login_required
@require_POST
def change_recipient(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Remove an address, or ask it again."""
    brand = access.brand_of(request, slug)
    access.require_editor(request, brand)
    rows = ReportRecipient.objects.listed().filter(brand=brand, user__isnull=True)
    recipient = get_object_or_404(rows, pk=pk)
    if request.POST.get("action") == "remove":
        _try(request, lambda: _remove(recipient, by=request.user))
    else:
        _try(request, lambda: _ask_again(recipient, by=request.user))
    return redirect("portal:report_mails", slug=slug)


def _add(request: SignedInRequest, brand: Brand) -> HttpResponse:
    access.require_editor(request, brand)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, brand, form, status=422)
    data = form.cleaned_data
    try:
        recipients.add(brand.pk, data["email"], data["kinds"], by=request.user)
    except CampaignError as error:
        form.add_error("email", error.message)
        return _page(request, brand, form, status=409)
    messages.success(
        request,
        _("Le preguntamos a {email}. Recibe los correos cuando lo confirme.").format(
            email=data["email"]
        ),
    )
    return redirect("portal:report_mails", slug=brand.slug)


def _save(request: SignedInRequest, brand: Brand) -> str:
    """Save what was chosen in the lines that the page showed; one added since then stays."""
    shown = set(request.POST.getlist("shown"))
    with transaction.atomic():
        for line in _lines(brand, request.user):
            if line.key in shown and any(choice.is_open for choice in line.choices):
                kinds = request.POST.getlist(line.key)
                if line.recipient and not line.recipient.user_id:
                    recipients.choose_for_address(line.recipient.pk, kinds, by=request.user)
                else:
                    recipients.choose(brand.pk, int(line.key[1:]), kinds, by=request.user)
    return _("Guardado.")


def _sample(brand: Brand, user: User) -> str:
    recipients.send_sample(brand, to=user)
    return _("Te enviamos la muestra a {email}.").format(email=user.email)


def _remove(recipient: ReportRecipient, *, by: User) -> str:
    recipients.remove(recipient.pk, by=by)
    return _("Quitaste a {email}.").format(email=recipient.email)


def _ask_again(recipient: ReportRecipient, *, by: User) -> str:
    recipients.ask_again(recipient.pk, by=by)
    return _("Le preguntamos otra vez a {email}.").format(email=recipient.email)


def _try(request: SignedInRequest, action: Callable[[], str]) -> None:
    """Call `action`, and report what it returns or raises as a message."""
    try:
        messages.success(request, action())
    except CampaignError as error:
        messages.error(request, error.message)
    except OSError:  # as are all errors of SMTP
        messages.error(request, MAIL_SERVER_AWAY)


def _lines(brand: Brand, reader: User) -> list[Line]:
    """Return the lines that a person may see: a viewer their own, a writer all."""
    writes = brand.has_editor(reader)
    rows = ReportRecipient.objects.filter(brand=brand, removed_at=None).select_related("user")
    found = list(rows.annotate(mailed=Max("mails__mailed_at")).order_by("email"))
    of_user = {row.user_id: row for row in found if row.user_id}
    people = brand.memberships.people().select_related("user")
    lines = [
        _line(f"u{user.pk}", str(user), user.email, of_user.get(user.pk), reader, writes=writes)
        for user in (each.user for each in people.order_by("user__first_name", "user__email"))
        if writes or user.pk == reader.pk
    ]
    if writes:
        lines += [
            _line(f"r{row.pk}", row.email, "", row, reader, writes=True)
            for row in found
            if row.user_id is None
        ]
    return lines


def _line(key: str, name: str, address: str, recipient: Any, reader: User, *, writes: bool) -> Line:
    """Return a line; `recipient` has its last mail as `mailed`, and is None where there is none."""
    is_own = key == f"u{reader.pk}"
    choices = []
    for kind in ReportRecipient.Kind:
        stopped_at = recipient.stopped_at(kind) if recipient else None
        wanted = bool(recipient and recipient.chosen_since(kind) and not stopped_at)
        is_open = is_own or (writes and not stopped_at)
        choices.append(Choice(kind, wanted, stopped_at, is_open))
    mailed_at = recipient.mailed if recipient else None
    return Line(key, name, address, is_own, recipient, mailed_at, choices)


def _page(
    request: SignedInRequest, brand: Brand, form: AddressForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "brand": brand,
        "nav": "report_mails",
        "writes": brand.may_edit(request.user),
        "lines": _lines(brand, request.user),
        "limit": recipients.MAX_ADDRESSES,
        "next_at": weeks.next_due_at(timezone.now()),
        "last_week": weeks.last_whole(timezone.now()),
        "form": form,
    }
    return render(request, "results/report_mails.html", context, status=status)
