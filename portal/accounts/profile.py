"""The profile page."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.models import Membership
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.accounts.models import User


class ProfileForm(forms.ModelForm):
    """A user's name, as histories and teams display it."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        labels = {"first_name": gettext_lazy("Nombre"), "last_name": gettext_lazy("Apellidos")}

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        for name, autocomplete in (("first_name", "given-name"), ("last_name", "family-name")):
            self.fields[name].required = True
            self.fields[name].widget.attrs["autocomplete"] = autocomplete
        self.fields["first_name"].error_messages["required"] = gettext_lazy("Escribe tu nombre.")
        self.fields["last_name"].error_messages["required"] = gettext_lazy("Escribe tus apellidos.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_page(request: SignedInRequest) -> HttpResponse:
    """Display and change the user's name, with links to the rest of their account."""
    user = request.user
    name_before = str(user)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Tu nombre quedó guardado."))
        return redirect("portal:profile")
    factors = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    memberships = Membership.objects.filter(user=user, brand__activated_at__isnull=False)
    context = {
        "brand": access.home_brand(request),
        "nav": "profile",
        "form": form,
        "name_before": name_before,
        "pending_email": EmailAddress.objects.filter(user=user, verified=False).first(),
        "second_factor": Authenticator.Type.TOTP in factors,
        "session_count": len(UserSession.objects.purge_and_list(user)),
        "memberships": memberships.select_related("brand").order_by("brand__name"),
    }
    return render(request, "account/profile.html", context, status=422 if form.errors else 200)
