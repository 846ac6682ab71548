"""Campaigns that lead somewhere, and how a phone asks for them."""

from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Link

URL = "https://tienda.mx/promo?a=1&b=2"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155M) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


def lead(brand, editor, reviewer, terms, url=URL):
    """Make an approved campaign that leads to a page; give its link."""
    draft = lifecycle.draft(brand.pk, terms | {"destination": url}, by=editor)
    saved = lifecycle.insert_link(draft.pk, revision=draft.revision, by=editor)
    lifecycle.submit(saved.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(saved.pk, version=1, by=reviewer)
    return Link.objects.get(campaign=saved)


def page(link):
    return reverse("portal:short_link", args=[link.code])
