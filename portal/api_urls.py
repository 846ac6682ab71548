"""URLs under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from campaigns.api.ad_texts import AdTextViewSet
from campaigns.api.availability import AvailabilityViewSet
from campaigns.api.brands import BrandViewSet
from campaigns.api.campaigns import CampaignViewSet
from campaigns.api.many_campaigns import ManyCampaignsViewSet
from campaigns.api.notices import NoticeViewSet
from campaigns.api.results import ResultViewSet
from campaigns.api.sandbox import SandboxViewSet
from campaigns.api.saved_zones import SavedZoneViewSet
from campaigns.api.short_links import ShortLinkViewSet
from campaigns.api.webhooks import WebhookViewSet
from portal.api_docs import description, documentation
from segments.api import LadaViewSet, StateViewSet, ZoneViewSet

app_name = "v1"

router = SimpleRouter(trailing_slash=False)
router.register("states", StateViewSet, "state")
router.register("zones", ZoneViewSet, "zone")
router.register("ladas", LadaViewSet, "lada")
router.register("ad-texts", AdTextViewSet, "ad-text")
router.register("availability", AvailabilityViewSet, "availability")
router.register("brands", BrandViewSet, "brand")
router.register("campaigns", ManyCampaignsViewSet, "campaigns")  # before the keys of campaigns
router.register("campaigns", CampaignViewSet, "campaign")
router.register("results", ResultViewSet, "result")
router.register("saved-zones", SavedZoneViewSet, "saved-zone")
router.register("short-links", ShortLinkViewSet, "short-link")
router.register("notices", NoticeViewSet, "notice")
router.register("webhooks", WebhookViewSet, "webhook")
router.register("sandbox", SandboxViewSet, "sandbox")

urlpatterns = [
    path("", documentation.api_root, name="root"),
    path("openapi.json", description.openapi_document, {"format": "json"}, name="openapi"),
    path("openapi.yaml", description.openapi_document, {"format": "yaml"}, name="openapi_yaml"),
    path("", include(router.urls)),
]
