"""Where each resource stands under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from campaigns.api.ad_texts import AdTexts
from campaigns.api.availability import AvailabilityCheck
from campaigns.api.brands import Brands
from campaigns.api.campaigns import Campaigns
from campaigns.api.notices import Notices
from campaigns.api.saved_zones import SavedZones
from campaigns.api.short_links import ShortLinks
from campaigns.api.webhooks import Webhooks
from portal.api_docs import description, documentation
from segments.api import Ladas, States, Zones

app_name = "v1"

router = SimpleRouter(trailing_slash=False)
router.register("states", States, "state")
router.register("zones", Zones, "zone")
router.register("ladas", Ladas, "lada")
router.register("ad-texts", AdTexts, "ad-text")
router.register("availability", AvailabilityCheck, "availability")
router.register("brands", Brands, "brand")
router.register("campaigns", Campaigns, "campaign")
router.register("saved-zones", SavedZones, "saved-zone")
router.register("short-links", ShortLinks, "short-link")
router.register("notices", Notices, "notice")
router.register("webhooks", Webhooks, "webhook")

urlpatterns = [
    path("", documentation.entrance, name="entrance"),
    path("openapi.json", description.show, {"form": "json"}, name="openapi"),
    path("openapi.yaml", description.show, {"form": "yaml"}, name="openapi_yaml"),
    path("", include(router.urls)),
]
