"""What became of a brand that asked to come in: it waits, or was turned down and may ask again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import brands
from campaigns.errors import NotAllowed
from portal.accounts import access
from portal.pages.brands.brand_profile import BrandForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who asked why the brand was turned down, and let them ask again."""
    brand = access.applied_brand(request, pk)
    if not brand.is_discarded:
        return render(request, "brands/application_waiting.html", {"waiting": brand})
    form = BrandForm(
        request.POST if request.method == "POST" else None,
        initial={"name": brand.name, "category": brand.category},
    )
    if request.method == "POST" and form.is_valid():
        try:
            brands.apply_again(brand.pk, by=request.user, **form.cleaned_data)
        except NotAllowed:  # another window of the same person was faster
            messages.info(request, _("Ya la habías pedido de nuevo."))
        else:
            messages.success(request, _("Pediste que revisemos tu marca otra vez."))
        return redirect("portal:application", pk=pk)
    shown = {"discarded": brand, "form": form}
    return render(
        request, "brands/application_discarded.html", shown, status=422 if form.errors else 200
    )
