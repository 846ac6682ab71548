"""Campaigns with destinations, and requests for their short links."""

from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Link

URL = "https://tienda.mx/promo?a=1&b=2"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155M) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


def approved_link(brand, editor, reviewer, terms, url=URL):
    """Create an approved campaign with a destination; return its link."""
    draft = lifecycle.draft(brand.pk, terms | {"destination": url}, by=editor)
    saved = lifecycle.insert_link(draft.pk, revision=draft.revision, by=editor)
    lifecycle.submit(saved.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(saved.pk, version=1, by=reviewer)
    return Link.objects.get(campaign=saved)


def page(link):
    return reverse("portal:short_link", args=[link.code])
