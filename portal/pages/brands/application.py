"""The application of a brand: it waits for staff, or was discarded and may apply again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import brands
from campaigns.errors import NotAllowed
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.pages.brands.brand_profile import BrandForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Display the state of an application; one that was discarded may be made again."""
    brand = access.applied_brand(request, pk)
    if not brand.is_discarded:
        return render(request, "brands/application_waiting.html", {"waiting": brand})
    form = BrandForm(
        request.POST if request.method == "POST" else None,
        initial={"name": brand.name, "category": brand.category},
    )
    if request.method == "POST" and form.is_valid():
        try:
            brands.reapply(brand.pk, by=request.user, **form.cleaned_data)
        except NotAllowed:  # sent from another window of the same user
            messages.info(request, _("Ya la habías pedido de nuevo."))
        else:
            messages.success(request, _("Pediste que revisemos tu marca otra vez."))
        return redirect("portal:application", pk=pk)
    context = {"discarded": brand, "form": form}
    return render(
        request, "brands/application_discarded.html", context, status=422 if form.errors else 200
    )
