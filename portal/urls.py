from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter

from campaigns.api.gateway_events import receive_event
from campaigns.gateway.events import EVENTS_PATH
from portal import health, metrics
from portal.accounts import language, profile, token_endpoint
from portal.converters import CertificateFolio, Folio, ShortCode
from portal.pages import help_page, home, notices, operator_pages, saved_zones, short_links
from portal.pages.brands import api_client_pages, application, brand_profile, team
from portal.pages.campaigns import actions, bulk_upload, campaign_list, campaign_page
from portal.pages.results import (
    brand_report,
    campaign_report,
    certificate_verification,
    certificates,
    export_pages,
    mail_links,
    report_mails,
)
from portal.pages.wizard import ad_text_field, availability_panel, wizard, zone_search

register_converter(Folio, "folio")
register_converter(CertificateFolio, "certificate_folio")
register_converter(ShortCode, "short_code")

# Pages of one brand, below /marcas/<slug>/.
brand_pages = [
    path("", brand_profile.brand_profile, name="brand"),
    path("inicio/", home.brand_home, name="brand_home"),
    path("campanas/", campaign_list.campaign_list, name="campaigns"),
    path("campanas/lista.csv", campaign_list.export_campaigns, name="export_campaigns"),
    path("campanas/nueva/", wizard.new_campaign, name="new_campaign"),
    path("campanas/archivo/", bulk_upload.bulk_upload, name="bulk_upload"),
    path("campanas/archivo/plantilla.csv", bulk_upload.bulk_template, name="bulk_template"),
    path("campanas/archivo/<int:pk>/", bulk_upload.bulk_file, name="bulk_file"),
    path("reportes/", brand_report.brand_report, name="reports"),
    path("reportes/correos/", report_mails.report_mails, name="report_mails"),
    path("reportes/correos/<int:pk>/", report_mails.change_recipient, name="report_recipient"),
    path("reportes/exportar/", export_pages.export_results, name="export_results"),
    path("reportes/exportar/archivos/", export_pages.export_list, name="exports"),
    path("reportes/exportar/archivos/<int:pk>/", export_pages.export_file, name="export_file"),
    path("zonas/", saved_zones.saved_zone_list, name="saved_zones"),
    path("zonas/<int:pk>/", saved_zones.rename_zone, name="rename_zone"),
    path("zonas/<int:pk>/borrar/", saved_zones.delete_zone, name="delete_zone"),
    path("equipo/", team.team_page, name="team"),
    path("equipo/<int:pk>/", team.change_member, name="team_member"),
    path("equipo/invitaciones/<int:pk>/", team.change_invitation, name="team_invitation"),
    path("api/", api_client_pages.api_client_list, name="api_clients"),
    path("api/pruebas/", api_client_pages.create_sandbox, name="create_sandbox"),
    path("api/<int:pk>/", api_client_pages.change_api_client, name="api_client"),
]

# Pages of one campaign, below /campanas/<folio>/. The last takes any other word as a verb.
campaign_pages = [
    path("", campaign_page.campaign_page, name="campaign"),
    path("avance/", campaign_page.campaign_progress, name="campaign_progress"),
    path("reporte/", campaign_report.campaign_report, name="campaign_report"),
    path("mensaje/", campaign_page.send_message, name="send_message"),
    path("editar/", wizard.edit_campaign, name="edit_campaign"),
    path("editar/<slug:slug>/", wizard.campaign_step, name="campaign_step"),
    path("constancias/", certificates.certificate_list, name="certificates"),
    path(
        "constancias/<certificate_folio:certificate>.pdf",
        certificates.certificate_file,
        name="certificate_file",
    ),
    path(
        "constancias/<certificate_folio:certificate>/respuesta/",
        certificates.answer_certificate,
        name="answer_certificate",
    ),
    path("<str:verb>/", actions.campaign_action, name="act_on_campaign"),
]

portal_pages: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("marcas/<slug:slug>/", include(brand_pages)),
    path("campanas/<folio:folio>/", include(campaign_pages)),
    # What the wizard's scripts fetch.
    path("disponibilidad/", availability_panel.availability_panel, name="availability"),
    path("lugares/", zone_search.search_zones, name="search_zones"),
    path("lugares/pegados/", zone_search.read_pasted, name="read_pasted"),
    path("texto/ley-<str:digest>.json", ad_text_field.ad_text_law, name="ad_text_law"),
    # Pages of one person.
    path("solicitudes/<int:pk>/", application.application_page, name="application"),
    path("invitaciones/<str:token>/", team.invitation_page, name="invitation"),
    path("avisos/", notices.notice_list, name="notices"),
    path("avisos/leidos/", notices.mark_all_read, name="read_notices"),
    path("avisos/<int:pk>/", notices.open_notice, name="notice"),
    path("perfil/", profile.profile_page, name="profile"),
    path("idioma/", language.language_page, name="language"),
    # Links in mails of results, which are signed.
    path("correos/baja/<str:token>/", mail_links.stop_report_mails, name="stop_report_mails"),
    path("correos/alta/<str:token>/", mail_links.confirm_report_mails, name="confirm_report_mails"),
    # Pages for everybody.
    path("ayuda/", help_page.help_page, name="help"),
    path("contacto/", operator_pages.operator_page, {"name": "contact"}, name="contact"),
    path("privacidad/", operator_pages.operator_page, {"name": "privacy"}, name="privacy"),
    path("terminos/", operator_pages.operator_page, {"name": "terms"}, name="terms"),
    path("constancia/", certificate_verification.verify_certificate, name="verify_certificate"),
    path(
        "constancia/<certificate_folio:folio>/",
        certificate_verification.verify_certificate,
        name="verify_certificate",
    ),
    path("l/<short_code:code>", short_links.follow_link, name="short_link"),
    path("l/<short_code:code>+", short_links.link_target, name="short_link_target"),
    # For those who run the portal.
    path("salud/", health.health_check, name="health"),
    path("metricas/", metrics.metrics, name="metrics"),
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
    path("oauth2/token", token_endpoint.TokenEndpoint.as_view(), name="token"),
    path("api/", include("portal.api_docs.urls")),
    path(EVENTS_PATH.removeprefix("/"), receive_event, name="gateway_events"),
    path("api/v1/", include("portal.api_urls")),
    path("admin/", admin.site.urls),
]
if apps.is_installed("portal.local"):
    urlpatterns.append(path("", include("portal.local.urls")))
