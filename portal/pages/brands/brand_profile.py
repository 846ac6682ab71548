"""The brand's profile: its name and category."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns import brands
from campaigns.errors import CampaignError
from campaigns.models import Brand
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required


class BrandForm(forms.Form):
    """A brand's name and category."""

    name = forms.CharField(
        label=gettext_lazy("Nombre de la marca"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": gettext_lazy("Escribe el nombre de tu marca.")},
    )
    category = forms.ChoiceField(label=gettext_lazy("Giro"), choices=Brand.Category.choices)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def brand_profile(request: SignedInRequest, slug: str) -> HttpResponse:
    """Display the brand to its team; its owners may change it."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    may_change = brand.may_manage(request.user)
    form = BrandForm(
        request.POST if request.method == "POST" else None,
        initial={"name": brand.name, "category": brand.category},
    )
    if request.method == "POST":
        access.require_owner(request, brand)
        if form.is_valid():
            try:
                brands.update(brand.pk, by=request.user, **form.cleaned_data)
            except CampaignError as error:
                form.add_error("name", error.message)
            else:
                messages.success(request, _("Los datos de la marca quedaron guardados."))
                return redirect("portal:brand", slug=slug)
    context = {"brand": brand, "nav": "brand", "form": form, "may_change": may_change}
    return render(request, "brands/brand_profile.html", context, status=422 if form.errors else 200)
