"""The page that shows every component of the pages, with its markup."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.local.style_guide import components, design_tokens, examples

CSRF_INPUT = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>')


@require_http_methods(["GET", "HEAD", "POST"])
def style_guide(request: HttpRequest) -> HttpResponse:
    """Show every component, rendered and as markup. A POST only shows a toast."""
    if request.method == "POST":
        messages.success(request, _("Listo. Así se dice que algo quedó; nada cambió."))
        return redirect("local:components")
    context = {
        "groups": [
            (name, [(component, *_render(request, component)) for component in group])
            for name, group in components.GROUPS
        ],
        "colours": design_tokens.colours(),
        "font_sizes": design_tokens.font_sizes(),
    }
    return render(request, "style_guide/page.html", context)


def _render(request: HttpRequest, component: components.Component) -> tuple[SafeString, str]:
    """Return a component's example as HTML to display and as markup to copy."""
    html = render_to_string(component.template, examples.context(component.slug), request)
    markup = CSRF_INPUT.sub("{% csrf_token %}", html)
    return html, "\n".join(line.rstrip() for line in markup.splitlines() if line.strip())
