from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from portal import health, metrics
from portal.accounts import api_client_pages, profile, team, token_endpoint
from portal.converters import Folio, ShortCode
from portal.local import mailbox_pages
from portal.local.components import page
from portal.pages import application, brand, help_page, home, notices, saved_zones, short_links
from portal.pages.campaigns import actions, bulk_upload, campaign_list, campaign_page
from portal.pages.wizard import ad_text_field, availability_panel, wizard

register_converter(Folio, "folio")
register_converter(ShortCode, "short_code")

portal_pages = [
    path("", home.home, name="home"),
    path("marcas/<slug:slug>/campanas/", campaign_list.show, name="campaigns"),
    path("marcas/<slug:slug>/inicio/", home.start, name="start"),
    path("marcas/<slug:slug>/campanas/lista.csv", campaign_list.export, name="export_campaigns"),
    path("marcas/<slug:slug>/campanas/archivo/", bulk_upload.upload, name="bulk"),
    path(
        "marcas/<slug:slug>/campanas/archivo/plantilla.csv",
        bulk_upload.template,
        name="bulk_template",
    ),
    path("marcas/<slug:slug>/campanas/archivo/<int:pk>/", bulk_upload.show, name="bulk_file"),
    path("ayuda/", help_page.show, name="help"),
    path("campanas/<folio:folio>/", campaign_page.show, name="campaign"),
    path("campanas/<folio:folio>/mensaje/", campaign_page.say, name="say"),
    path("marcas/<slug:slug>/campanas/nueva/", wizard.new, name="new_campaign"),
    path("marcas/<slug:slug>/zonas/", saved_zones.show, name="saved_zones"),
    path("marcas/<slug:slug>/zonas/<int:pk>/", saved_zones.rename, name="rename_zone"),
    path("marcas/<slug:slug>/zonas/<int:pk>/borrar/", saved_zones.forget, name="forget_zone"),
    path("campanas/<folio:folio>/editar/", wizard.edit, name="edit_campaign"),
    path("campanas/<folio:folio>/editar/<slug:slug>/", wizard.step, name="campaign_step"),
    path("campanas/<folio:folio>/<str:verb>/", actions.campaign_action, name="act_on_campaign"),
    path("marcas/<slug:slug>/", brand.edit, name="brand"),
    path("marcas/<slug:slug>/equipo/", team.show, name="team"),
    path("marcas/<slug:slug>/equipo/<int:pk>/", team.change, name="team_member"),
    path("marcas/<slug:slug>/equipo/invitaciones/<int:pk>/", team.answer, name="team_invitation"),
    path("solicitudes/<int:pk>/", application.show, name="application"),
    path("marcas/<slug:slug>/api/", api_client_pages.show, name="programs"),
    path("marcas/<slug:slug>/api/<int:pk>/", api_client_pages.change, name="program"),
    path("invitaciones/<str:token>/", team.invitation, name="invitation"),
    path("avisos/", notices.show, name="notices"),
    path("avisos/leidos/", notices.read_all, name="read_notices"),
    path("avisos/<int:pk>/", notices.follow, name="notice"),
    path("perfil/", profile.show, name="profile"),
    path("condiciones/", profile.terms, name="terms"),
    path("correo/", mailbox_pages.show, name="mailbox"),
    path("correo/<str:key>/", mailbox_pages.letter, name="letter"),
    path("correo/<str:key>/html/", mailbox_pages.html, name="letter_html"),
    path("componentes/", page.show, name="components"),
    path("disponibilidad/", availability_panel.show, name="availability"),
    path("texto/ley-<str:digest>.json", ad_text_field.law, name="ad_text_law"),
    path("l/<short_code:code>", short_links.follow, name="short_link"),
    path("l/<short_code:code>+", short_links.look, name="short_link_target"),
    path("salud/", health.show, name="health"),
    path("metricas/", metrics.show, name="metrics"),
]

# The pages of django-allauth that people need, at addresses in Spanish.
account_pages = [
    path("entrar/", account.login, name="account_login"),
    path("registro/", account.signup, name="account_signup"),
    path(
        "registro/correo/", account.email_verification_sent, name="account_email_verification_sent"
    ),
    path("registro/correo/<str:key>/", account.confirm_email, name="account_confirm_email"),
    path("salir/", account.logout, name="account_logout"),
    path("cuenta/inactiva/", account.account_inactive, name="account_inactive"),
    path("cuenta/confirmar/", account.reauthenticate, name="account_reauthenticate"),
    path("cuenta/correo/", account.email, name="account_email"),
    path("cuenta/contrasena/", account.password_change, name="account_change_password"),
    path("cuenta/contrasena/nueva/", account.password_set, name="account_set_password"),
    path("contrasena/", account.password_reset, name="account_reset_password"),
    path("contrasena/enviada/", account.password_reset_done, name="account_reset_password_done"),
    re_path(  # a key has hyphens of its own: the number ends at the first one
        r"^contrasena/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "contrasena/lista/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("entrar/codigo/", second_factor.authenticate, name="mfa_authenticate"),
    path("cuenta/confirmar/codigo/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("cuenta/dos-pasos/", second_factor.index, name="mfa_index"),
    path("cuenta/dos-pasos/activar/", totp.activate_totp, name="mfa_activate_totp"),
    path("cuenta/dos-pasos/desactivar/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        "cuenta/dos-pasos/codigos/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "cuenta/dos-pasos/codigos/nuevos/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "cuenta/dos-pasos/codigos/archivo/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("cuenta/sesiones/", sessions.list_usersessions, name="usersessions_list"),
]

handler400 = "portal.pages.error_pages.bad_request"
handler500 = "portal.pages.error_pages.server_error"

urlpatterns = [
    path("", include((portal_pages, "portal"))),
    path("", include(account_pages)),
    path("oauth2/token", token_endpoint.Token.as_view(), name="token"),
    path("api/", include("portal.api_docs.urls")),
    path("api/v1/", include("portal.api_urls")),
    path("admin/", admin.site.urls),
]
