"""System checks of the settings."""

import re
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from campaigns import ad_text, links
from campaigns.bulk import MAX_ROWS
from campaigns.models.campaign import MAX_VOLUME
from campaigns.reports import signature
from core import encryption
from portal import operator_texts
from portal.client_address import TrustedProxies


@register
def ad_text_limit(**_: Any) -> list[CheckMessage]:
    """Check AD_TEXT_LIMIT: a notification carries at most 110 characters of an ad."""
    if 1 <= settings.AD_TEXT_LIMIT <= ad_text.MAX_LIMIT:
        return []
    return [
        Error(
            f"AD_TEXT_LIMIT is {settings.AD_TEXT_LIMIT}.",
            hint=f"Set it to 1…{ad_text.MAX_LIMIT}.",
            id="portal.E001",
        )
    ]


@register
def short_link_domain(**_: Any) -> list[CheckMessage]:
    """Check SHORT_LINK_DOMAIN: the channel can carry it, and it leaves room in the ad text."""
    domain = settings.SHORT_LINK_DOMAIN
    if re.fullmatch(links.DOMAIN_PATTERN, domain) and len(domain) <= links.MAX_DOMAIN_LENGTH:
        return []
    return [
        Error(
            f"SHORT_LINK_DOMAIN is {domain!r}.",
            hint=(
                "Set it to a host of its own, or to the portal's and /l: a to z, digits and "
                f"dots, {links.MAX_DOMAIN_LENGTH} characters at most."
            ),
            id="portal.E010",
        )
    ]


@register
def links_after_the_end(**_: Any) -> list[CheckMessage]:
    """Check LINK_DAYS_AFTER_END: a link ends with its campaign or later."""
    if 0 <= settings.LINK_DAYS_AFTER_END <= 365:
        return []
    return [Error("LINK_DAYS_AFTER_END is not in 0…365.", id="portal.E022")]


@register
def inventory(**_: Any) -> list[CheckMessage]:
    """Check DAILY_NOTIFICATIONS, HORIZON_DAYS, OPERATIONS_HOURS and SAFETY_PERCENT.

    The horizon exceeds the lead time, and this leaves time for the review.
    """
    errors: list[CheckMessage] = []
    if not 1 <= settings.DAILY_NOTIFICATIONS <= 500_000_000:
        errors.append(Error("DAILY_NOTIFICATIONS is not in 1…500,000,000.", id="portal.E002"))
    if not settings.LEAD_HOURS / 24 + 1 < settings.HORIZON_DAYS <= 730:
        errors.append(
            Error("HORIZON_DAYS must be beyond LEAD_HOURS and at most 730.", id="portal.E003")
        )
    if not 0 <= settings.OPERATIONS_HOURS < settings.LEAD_HOURS:
        errors.append(Error("OPERATIONS_HOURS is not in 0…LEAD_HOURS.", id="portal.E025"))
    if not 0 <= settings.SAFETY_PERCENT <= 90:
        errors.append(Error("SAFETY_PERCENT is not in 0…90.", id="portal.E007"))
    return errors


@register
def holds(**_: Any) -> list[CheckMessage]:
    """Check OPEN_HOLDS_PER_BRAND, OFFER_HOURS and HOLD_WORKING_DAYS: each is at least 1."""
    return _less_than_one("OPEN_HOLDS_PER_BRAND", "OFFER_HOURS", "HOLD_WORKING_DAYS")


@register
def quotas(**_: Any) -> list[CheckMessage]:
    """Check MIN_ORDER, MAX_ORDER, and the limits of what a brand may hold."""
    shares = ("SHARE_PER_BRAND", "LADA_SHARE_PER_BRAND")
    errors = _less_than_one("MIN_ORDER", "HELD_PER_BRAND", "LADA_FLOOR_PER_BRAND", *shares)
    if not settings.MIN_ORDER <= settings.MAX_ORDER <= MAX_VOLUME:
        errors.append(Error(f"MAX_ORDER is not in MIN_ORDER…{MAX_VOLUME:,}.", id="portal.E023"))
    errors += [
        Error(f"{name} is more than 100 percent.", id="portal.E024")
        for name in shares
        if getattr(settings, name) > 100
    ]
    return errors


def _less_than_one(*names: str) -> list[CheckMessage]:
    return [
        Error(f"{name} is less than 1.", id="portal.E008")
        for name in names
        if getattr(settings, name) < 1
    ]


@register
def requests_a_minute(**_: Any) -> list[CheckMessage]:
    """Check API_REQUESTS_A_MINUTE: the largest request, many campaigns at once, fits."""
    if settings.API_REQUESTS_A_MINUTE > MAX_ROWS:
        return []
    return [
        Error(
            f"API_REQUESTS_A_MINUTE is {settings.API_REQUESTS_A_MINUTE}.",
            hint=f"Set it above {MAX_ROWS}: campaigns that are created at once count one each.",
            id="portal.E032",
        )
    ]


@register
def encryption_keys(**_: Any) -> list[CheckMessage]:
    """Check ENCRYPTION_KEYS: at least one, and each random."""
    keys = settings.ENCRYPTION_KEYS
    if keys and all(encryption.is_strong(key) for key in keys):
        return []
    return [
        Error(
            "ENCRYPTION_KEYS is empty, or has a key that is not 32 random bytes.",
            hint="Make one by `openssl rand -base64 32 | tr +/ -_`.",
            id="portal.E031",
        )
    ]


@register
def idle_sessions(**_: Any) -> list[CheckMessage]:
    """Check SESSION_IDLE_MINUTES and that of staff: use is recorded every few minutes."""
    return [
        Error(f"{name} is less than 10.", id="portal.E030")
        for name in ("SESSION_IDLE_MINUTES", "STAFF_SESSION_IDLE_MINUTES")
        if getattr(settings, name) < 10
    ]


@register
def gateway(**_: Any) -> list[CheckMessage]:
    """Check GATEWAY_LEASE: no order is sent again while its first call may be in flight."""
    if settings.GATEWAY_TIMEOUT * 4 <= settings.GATEWAY_LEASE:
        return []
    return [
        Error(
            "GATEWAY_LEASE is shorter than two tokens and two calls may take.",
            hint="Set it to four times GATEWAY_TIMEOUT or more.",
            id="portal.E004",
        )
    ]


@register(Tags.security)
def event_secrets(**_: Any) -> list[CheckMessage]:
    """Check GATEWAY_EVENT_SECRETS: one, or two during a change, and each random."""
    if signature.are_strong(settings.GATEWAY_EVENT_SECRETS):
        return []
    return [
        Error(
            "GATEWAY_EVENT_SECRETS is not one or two of whsec_ and 24 random bytes in base64.",
            hint='Make one by `echo "whsec_$(openssl rand -base64 32)"`.',
            id="portal.E036",
        )
    ]


@register
def reports(**_: Any) -> list[CheckMessage]:
    """Check REPORT_HOURS_KEPT_DAYS, which exceeds the time for which an hour's counts change,
    and GATEWAY_CLOCK_AHEAD.
    """
    errors: list[CheckMessage] = []
    if not 7 <= settings.REPORT_HOURS_KEPT_DAYS <= 3_650:
        errors.append(Error("REPORT_HOURS_KEPT_DAYS is not in 7…3,650.", id="portal.E037"))
    if settings.GATEWAY_CLOCK_AHEAD < 0 or settings.REPORT_DAY_PARTITIONS_ABOVE < 0:
        errors.append(
            Error(
                "GATEWAY_CLOCK_AHEAD or REPORT_DAY_PARTITIONS_ABOVE is less than 0.",
                id="portal.E038",
            )
        )
    return errors


@register
def certificates(**_: Any) -> list[CheckMessage]:
    """Check OPERATOR_NAME, which certificates display, DISPUTE_WORKING_DAYS and the limit of the
    public page.
    """
    errors: list[CheckMessage] = []
    if not settings.OPERATOR_NAME.strip():
        errors.append(Error("OPERATOR_NAME is empty.", id="portal.E040"))
    if not 1 <= settings.DISPUTE_WORKING_DAYS <= 60 or settings.VERIFICATIONS_A_MINUTE < 1:
        errors.append(
            Error(
                "DISPUTE_WORKING_DAYS is not in 1…60, or VERIFICATIONS_A_MINUTE is less than 1.",
                id="portal.E041",
            )
        )
    return errors


@register(Tags.security, deploy=True)
def addresses(**_: Any) -> list[CheckMessage]:
    """Check that URLs are https and that nothing of the embedded run is on."""
    errors: list[CheckMessage] = []
    for name in ("PORTAL_URL", "GATEWAY_URL", "GATEWAY_TOKEN_URL"):
        if not getattr(settings, name).startswith("https://"):
            errors.append(Error(f"{name} is not https.", id="portal.E005"))
    if settings.EMBEDDED:
        errors.append(Error("EMBEDDED is for one machine's own use.", id="portal.E006"))
    if settings.WEBHOOK_PRIVATE_SINKS:
        errors.append(
            Error("WEBHOOK_PRIVATE_SINKS lets brands reach into our network.", id="portal.E012")
        )
    return errors


@register(deploy=True)
def mail(**_: Any) -> list[CheckMessage]:
    """Check that mail is delivered, from a sender with a public domain."""
    if settings.EMBEDDED or settings.DEBUG:
        return []
    errors: list[CheckMessage] = []
    kind = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if kind in ("console", "filebased", "locmem", "dummy"):
        errors.append(
            Error(
                f"Mail would go nowhere: the backend is {kind!r}.",
                hint="Set EMAIL_URL, as in smtp+tls://user:password@host:587.",
                id="portal.E020",
            )
        )
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if not re.search("[.][a-z]+$", host):
        errors.append(
            Error(
                f"The sender of mail is at {host!r}, which is no public name.",
                hint="Set MAIL_FROM, as in Llamada Perdida <no-responder@portal.example>.",
                id="portal.E021",
            )
        )
    return errors


@register(Tags.security)
def trusted_proxies(**_: Any) -> list[CheckMessage]:
    """Check TRUSTED_PROXIES: each is an address or a network, and not every address."""
    try:
        TrustedProxies(settings.TRUSTED_PROXIES)
    except ValueError as error:
        return [Error(f"TRUSTED_PROXIES: {error}.", id="portal.E033")]
    if any(name.endswith("/0") for name in settings.TRUSTED_PROXIES):
        return [
            Error("TRUSTED_PROXIES is everybody: anyone could name any address.", id="portal.E033")
        ]
    return []


@register(Tags.security, deploy=True)
def front(**_: Any) -> list[CheckMessage]:
    """Check that a front is named: without one, strangers' half-sent requests use up the server,
    and all people have the address of the proxy.
    """
    if settings.TRUSTED_PROXIES:
        return []
    return [
        Error(
            "TRUSTED_PROXIES names no front.",
            hint="Put a proxy that buffers requests before the portal (docs/deployment.md).",
            id="portal.E034",
        )
    ]


@register(deploy=True)
def texts_of_the_operator(**_: Any) -> list[CheckMessage]:
    """Check that OPERATOR_TEXTS has the operator's contact, privacy notice and terms."""
    if settings.EMBEDDED or settings.DEBUG:
        return []
    reasons: list[str] = []
    for name in operator_texts.TEXTS:
        try:
            operator_texts.read(name)
        except operator_texts.Unpublished as error:
            reasons.append(str(error))
    files = ", ".join(text.file for text in operator_texts.TEXTS.values())
    hint = f"Set it to a folder with your own {files}: plain text in UTF-8."
    return [Error(reason, hint=hint, id="portal.E035") for reason in dict.fromkeys(reasons)]


@register(Tags.security, deploy=True)
def public_short_link_domain(**_: Any) -> list[CheckMessage]:
    """Check that SHORT_LINK_DOMAIN is a public name, neither an IP address nor localhost."""
    if re.search("[.][a-z]+(?:/l)?$", settings.SHORT_LINK_DOMAIN):
        return []
    return [Error("SHORT_LINK_DOMAIN is no public name.", id="portal.E011")]
