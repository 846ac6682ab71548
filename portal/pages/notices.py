"""Avisos: what a person was told, newest first."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import notices
from campaigns.models import Notice
from portal.accounts import access

PAGE = 25


@login_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """List a person's notices."""
    rows = Notice.objects.visible_to(request.user)
    shown = {
        "brand": access.home_brand(request),
        "nav": "notices",
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "notice_list.html", shown)


@login_required
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    notices.read_all(request.user)
    messages.success(request, _("Todos tus avisos quedaron leídos."))
    return redirect("portal:notices")


@login_required
@require_safe
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about: who follows it has read it, so it is marked as such."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return redirect(notices.page(notice))
