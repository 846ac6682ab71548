from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, register_converter

from portal.converters import Folio, ShortCode
from portal.views import (
    ad_text,
    availability,
    bulk,
    campaign,
    campaign_list,
    ficha,
    health,
    help_page,
    home,
    links,
    metrics,
    saved_zones,
    wizard,
)

register_converter(Folio, "folio")
register_converter(ShortCode, "short_code")

portal_pages = [
    path("", home.home, name="home"),
    path("marcas/<slug:slug>/campanas/", campaign_list.show, name="campaigns"),
    path("marcas/<slug:slug>/inicio/", home.start, name="start"),
    path("marcas/<slug:slug>/campanas/lista.csv", campaign_list.export, name="export_campaigns"),
    path("marcas/<slug:slug>/campanas/archivo/", bulk.upload, name="bulk"),
    path("marcas/<slug:slug>/campanas/archivo/plantilla.csv", bulk.template, name="bulk_template"),
    path("marcas/<slug:slug>/campanas/archivo/<int:pk>/", bulk.show, name="bulk_file"),
    path("ayuda/", help_page.show, name="help"),
    path("campanas/<folio:folio>/", ficha.show, name="campaign"),
    path("campanas/<folio:folio>/mensaje/", ficha.say, name="say"),
    path("marcas/<slug:slug>/campanas/nueva/", wizard.new, name="new_campaign"),
    path("marcas/<slug:slug>/zonas/", saved_zones.show, name="saved_zones"),
    path("marcas/<slug:slug>/zonas/<int:pk>/", saved_zones.rename, name="rename_zone"),
    path("marcas/<slug:slug>/zonas/<int:pk>/borrar/", saved_zones.forget, name="forget_zone"),
    path("campanas/<folio:folio>/editar/", wizard.edit, name="edit_campaign"),
    path("campanas/<folio:folio>/editar/<slug:slug>/", wizard.step, name="campaign_step"),
    path("campanas/<folio:folio>/<str:verb>/", campaign.act, name="act_on_campaign"),
    path("disponibilidad/", availability.show, name="availability"),
    path("texto/ley-<str:digest>.json", ad_text.law, name="ad_text_law"),
    path("l/<short_code:code>", links.follow, name="short_link"),
    path("l/<short_code:code>+", links.look, name="short_link_target"),
    path("salud/", health.show, name="health"),
    path("metricas/", metrics.show, name="metrics"),
]

# The account pages that people need while accounts are opened by staff.
account_pages = [
    path("entrar/", account.login, name="account_login"),
    path("salir/", account.logout, name="account_logout"),
    path("cuenta/inactiva/", account.account_inactive, name="account_inactive"),
    path("cuenta/confirmar/", account.reauthenticate, name="account_reauthenticate"),
    path("cuenta/contrasena/", account.password_change, name="account_change_password"),
    path("cuenta/contrasena/nueva/", account.password_set, name="account_set_password"),
    path("contrasena/", account.password_reset, name="account_reset_password"),
    path("contrasena/enviada/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "contrasena/<uidb36>-<key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "contrasena/lista/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("", include((portal_pages, "portal"))),
    path("", include(account_pages)),
    path("admin/", admin.site.urls),
]
