"""The pages of a user's notices."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import notices
from campaigns.models import Notice
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required

PAGE_SIZE = 25


@login_required
@require_safe
def notice_list(request: SignedInRequest) -> HttpResponse:
    """List the user's notices, newest first."""
    rows = Notice.objects.visible_to(request.user)
    context = {
        "brand": access.home_brand(request),
        "nav": "notices",
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "notice_list.html", context)


@login_required
@require_POST
def mark_all_read(request: SignedInRequest) -> HttpResponse:
    """Mark all notices of the user as read."""
    notices.mark_all_read(request.user)
    messages.success(request, _("Todos tus avisos quedaron leídos."))
    return redirect("portal:notices")


@login_required
@require_safe
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and redirect to what it is about."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return redirect(notices.target_path(notice))
