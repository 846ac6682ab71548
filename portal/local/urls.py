"""Pages of development: the mailbox and the style guide. `portal.urls` includes them only there."""

from django.urls import path

from portal.local import mailbox_pages
from portal.local.style_guide import page

app_name = "local"
urlpatterns = [
    path("correo/", mailbox_pages.mail_list, name="mailbox"),
    path("correo/<str:key>/", mailbox_pages.mail_page, name="mail"),
    path("correo/<str:key>/html/", mailbox_pages.mail_html, name="mail_html"),
    path("componentes/", page.style_guide, name="components"),
]
