"""The pages that links in mails of results open, without a session: stop, and confirm an address.

A GET changes nothing, since programs that check mails follow links.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.models import ReportRecipient
from campaigns.report_mails import links, recipients

ONE_CLICK = "List-Unsubscribe"  # RFC 8058: what a mail program posts


@csrf_exempt  # the token is what permits it, and mail programs have no other
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_report_mails(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop a kind of mails; stop them by POST, or begin them again."""
    found = links.read_stop(token)
    if found is None:
        return render(request, "results/mail_link_invalid.html", status=404)
    recipient, kind = found
    if request.method == "POST":
        stopped = ONE_CLICK in request.POST or request.POST.get("action") != "resume"
        recipients.stop(recipient.pk, kind, stopped=stopped)
        if ONE_CLICK in request.POST:
            return HttpResponse(status=204)
        return redirect(request.path)
    context = {
        "recipient": recipient,
        "kind": ReportRecipient.Kind(kind),
        "stopped_at": recipient.stopped_at(kind),
    }
    return render(request, "results/stop_report_mails.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_report_mails(request: HttpRequest, token: str) -> HttpResponse:
    """Ask an address whether it wants a brand's results; record the answer by POST."""
    recipient = links.read_request(token)
    if recipient is None or recipient.removed_at or not recipient.brand.active:
        return render(request, "results/mail_link_invalid.html", status=410)
    if request.method == "POST":
        recipients.answer(recipient.pk, wanted=request.POST.get("action") == "confirm")
        return redirect(request.path)
    context = {
        "recipient": recipient,
        "kinds": [kind for kind in ReportRecipient.Kind if recipient.chosen_since(kind)],
        "refused": any(recipient.stopped_at(kind) for kind in ReportRecipient.Kind),
    }
    return render(request, "results/confirm_report_mails.html", context)
