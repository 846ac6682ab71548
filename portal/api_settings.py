"""Settings of the libraries behind the API: DRF, django-oauth-toolkit and drf-spectacular."""

from typing import Any

# The scopes of a token, with the text that an owner reads when choosing them.
SCOPES = {
    "catalogue:read": "Consultar LADA, revisar textos y ver disponibilidad",
    "campaigns:read": "Leer campañas, zonas guardadas, enlaces y avisos",
    "campaigns:write": "Crear, cambiar, enviar, pausar y cancelar campañas",
    "webhooks:manage": "Dar de alta y administrar webhooks",
}
TOKEN_SECONDS = 3600

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.accounts.api_clients.TokenAuthentication",
        "core.api.authentication.SessionAuthentication",
    ],
    "URL_FORMAT_OVERRIDE": None,  # else ?format=xml would be a 404
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.api.auto_schema.ApiAutoSchema",
    "EXCEPTION_HANDLER": "core.api.errors.exception_handler",
    "COMPACT_JSON": True,
    "UNICODE_JSON": True,
    "STRICT_JSON": True,
}

OAUTH2_PROVIDER: dict[str, Any] = {
    "SCOPES": SCOPES,
    "SCOPES_BACKEND_CLASS": "portal.accounts.api_clients.ClientScopes",
    "OAUTH2_VALIDATOR_CLASS": "portal.accounts.api_clients.TokenValidator",
    "CLIENT_SECRET_HASHER": "random",
    "ACCESS_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",  # client credentials only
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["client_credentials"],
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
            "PKCE_REQUIRED",
        )
    },
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Llamada Perdida",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # serializers declare themselves what is optional
    "SERVERS": [{"url": "/"}],
    "DESCRIPTION": (
        "Reserva por programa el texto corto que cierra las notificaciones de llamada perdida: "
        "revisa textos, pregunta disponibilidad, crea campañas, envíalas a revisión y síguelas.\n\n"
        "Cada error viene como `{status, code, message}`; repite un POST sin miedo con su misma "
        "`Idempotency-Key`; las listas se siguen con `nextCursor`. Los días son de la Ciudad de "
        "México; los momentos llevan su zona."
    ),
    "TAGS": [
        {
            "name": "catalogue",
            "x-displayName": "Catálogo",
            "description": "Dónde se puede anunciar: estados, zonas y LADA.",
        },
        {
            "name": "ad-texts",
            "x-displayName": "Textos",
            "description": "Lo que el canal deja decir.",
        },
        {
            "name": "availability",
            "x-displayName": "Disponibilidad",
            "description": "Cuántas notificaciones hay, dónde y cuándo.",
        },
        {"name": "brands", "x-displayName": "Marcas", "description": "Por quién actúas."},
        {
            "name": "campaigns",
            "x-displayName": "Campañas",
            "description": "Se crean, se envían a revisión y se siguen.",
        },
        {
            "name": "results",
            "x-displayName": "Resultados",
            "description": "Lo que se entregó, por día, hora y lugar.",
        },
        {
            "name": "saved-zones",
            "x-displayName": "Zonas guardadas",
            "description": "Elecciones de dónde, con nombre.",
        },
        {
            "name": "short-links",
            "x-displayName": "Enlaces cortos",
            "description": "Los de tus campañas y sus visitas.",
        },
        {
            "name": "notices",
            "x-displayName": "Avisos",
            "description": "Lo que te decimos de tus campañas.",
        },
        {
            "name": "webhooks",
            "x-displayName": "Webhooks",
            "description": "Te avisamos en cuanto algo cambia.",
        },
        {
            "name": "sandbox",
            "x-displayName": "Marca de pruebas",
            "description": "Para tus pruebas: un reloj que tú mueves, y nada sale al aire.",
        },
    ],
    "SORT_OPERATIONS": True,
    "ENUM_NAME_OVERRIDES": {
        "CampaignStatus": "campaigns.models.campaign.Campaign.Status",
        "DeliveryState": "campaigns.models.webhook.WebhookDelivery.State",
        "ReservationStatus": "inventory.models.reservation.Reservation.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.auto_schema.share_components",
    ],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "oauth2": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": SCOPES}},
            },
            "session": {"type": "apiKey", "in": "cookie", "name": "sesion"},
        }
    },
}
