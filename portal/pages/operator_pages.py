"""The pages of the operator's own texts: contact, privacy notice and terms."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal import operator_texts
from portal.accounts import access
from portal.accounts.access import SignedInRequest


@require_safe
@cache_control(private=True, no_cache=True)  # with the reader's menu, and never a former text
def operator_page(request: HttpRequest, name: str) -> HttpResponse:
    """Display a text of `operator_texts.TEXTS` to everybody, or say that there is none yet."""
    try:
        blocks = operator_texts.blocks(operator_texts.read(name))
    except operator_texts.Unpublished:
        blocks = []
    is_signed_in = request.user.is_authenticated
    context = {
        "brand": access.home_brand(cast(SignedInRequest, request)) if is_signed_in else None,
        "title": operator_texts.TEXTS[name].title,
        "blocks": blocks,
    }
    return render(request, "operator_page.html", context)
