"""Settings, each read once from the environment (see `.env.example`).

Secrets have no default: a process without them stops with the variable's name.
The embedded run (`make run`, `make test`) makes its own and passes them on.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from portal import database_settings, log_settings
from portal.api_settings import OAUTH2_PROVIDER, REST_FRAMEWORK, SPECTACULAR_SETTINGS

__all__ = ["OAUTH2_PROVIDER", "REST_FRAMEWORK", "SPECTACULAR_SETTINGS"]

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# Who and where
SECRET_KEY = env.str("SECRET_KEY")
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")  # of stored secrets; the first one encrypts
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PORTAL_URL = env.str("PORTAL_URL")  # public address, no trailing slash
EMBEDDED = env.bool("EMBEDDED", default=False)  # servers and secrets made by portal.local.launcher

# Short links: `{domain}/{code}` in an ad text. The domain is a host of its own with the links at
# its root, or the portal's host and "/l". It has no port: the channel carries no colon.
SHORT_LINK_DOMAIN = env.str("SHORT_LINK_DOMAIN", default=f"{urlsplit(PORTAL_URL).hostname}/l")
if "/" not in SHORT_LINK_DOMAIN:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, SHORT_LINK_DOMAIN]
LINK_DAYS_AFTER_END = env.int("LINK_DAYS_AFTER_END", default=30)  # texts are read days later

# How it looks
SKIN = env.str("SKIN", default="css/skin-movistar.css")  # a static file that names every colour
OPERATOR_LOGO = env.str(
    "OPERATOR_LOGO", default=""
)  # a static file; without one, the name is displayed

# Folder of contacto.txt, privacidad.txt and terminos.txt; without one, placeholders are displayed
OPERATOR_TEXTS = env.str("OPERATOR_TEXTS", default="")

# The channel
AD_TEXT_LIMIT = env.int("AD_TEXT_LIMIT", default=90)  # characters, 1…110
DAILY_NOTIFICATIONS = env.int(
    "DAILY_NOTIFICATIONS", default=10_000_000
)  # nationwide, on a mean day
HORIZON_DAYS = env.int("HORIZON_DAYS", default=120)  # days ahead that can be sold
SAFETY_PERCENT = env.int("SAFETY_PERCENT", default=0)  # of each LADA's notifications, not sold
LEAD_HOURS = env.int("LEAD_HOURS", default=48)  # from sending to review to the first day
OPERATIONS_HOURS = env.int("OPERATIONS_HOURS", default=24)  # of these, after the decision
CHANGES_HOLD_HOURS = env.int(
    "CHANGES_HOLD_HOURS", default=24
)  # for which a hold is kept while changes are requested
OPEN_HOLDS_PER_BRAND = env.int("OPEN_HOLDS_PER_BRAND", default=20)  # campaigns without a decision
MIN_ORDER = env.int("MIN_ORDER", default=1)  # notifications of a campaign
MAX_ORDER = env.int("MAX_ORDER", default=50_000_000)  # notifications of a campaign
# What a brand without limits of its own may hold without a decision:
HELD_PER_BRAND = env.int("HELD_PER_BRAND", default=100_000_000)  # notifications
SHARE_PER_BRAND = env.int("SHARE_PER_BRAND", default=50)  # percent of the channel on its days
LADA_SHARE_PER_BRAND = env.int("LADA_SHARE_PER_BRAND", default=75)  # percent of each, on its days
LADA_FLOOR_PER_BRAND = env.int("LADA_FLOOR_PER_BRAND", default=50_000)  # of a small LADA, in all
HOLD_WORKING_DAYS = env.int("HOLD_WORKING_DAYS", default=10)  # for which a hold waits for review
OFFER_HOURS = env.int(
    "OFFER_HOURS", default=24
)  # to take inventory that is offered to a waiting campaign

# Results
OPERATOR_NAME = env.str("OPERATOR_NAME", default="Telefónica")  # who issues certificates
DISPUTE_WORKING_DAYS = env.int("DISPUTE_WORKING_DAYS", default=5)  # to answer a disputed one
VERIFICATIONS_A_MINUTE = env.int(
    "VERIFICATIONS_A_MINUTE", default=30
)  # of certificates, by one address

# The API
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=600)  # by one caller
API_TOKENS_A_MINUTE = env.int("API_TOKENS_A_MINUTE", default=30)  # by one API client at one address
# The folder of the Python client's wheel (`make client`); without one no download is offered.
CLIENT_WHEELS = env.str("CLIENT_WHEELS", default=str(BASE_DIR / "client" / "dist"))
WEBHOOK_PRIVATE_SINKS = env.bool(
    "WEBHOOK_PRIVATE_SINKS", default=False
)  # http and 127.0.0.1, to try them
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"

# The delivery gateway
GATEWAY_URL = env.str("GATEWAY_URL")  # including /missed-call-ads/v0.1
GATEWAY_TOKEN_URL = env.str("GATEWAY_TOKEN_URL")
GATEWAY_CLIENT_ID = env.str("GATEWAY_CLIENT_ID")
GATEWAY_CLIENT_SECRET = env.str("GATEWAY_CLIENT_SECRET")
GATEWAY_TIMEOUT = env.float("GATEWAY_TIMEOUT", default=10.0)  # seconds for one response
GATEWAY_LEASE = env.int("GATEWAY_LEASE", default=60)  # seconds a worker owns an order it sends
GATEWAY_BACKOFF_BASE = env.float("GATEWAY_BACKOFF_BASE", default=2.0)  # seconds, full jitter
GATEWAY_BACKOFF_CAP = env.float("GATEWAY_BACKOFF_CAP", default=300.0)  # seconds
# One of these, or during a change two, signs the gateway's events.
GATEWAY_EVENT_SECRETS = env.list("GATEWAY_EVENT_SECRETS")
GATEWAY_CLOCK_AHEAD = env.int("GATEWAY_CLOCK_AHEAD", default=600)  # seconds, of ours, at most
REPORT_HOURS_KEPT_DAYS = env.int("REPORT_HOURS_KEPT_DAYS", default=90)  # day totals stay for ever
REPORT_DAY_PARTITIONS_ABOVE = env.int(
    "REPORT_DAY_PARTITIONS_ABOVE", default=1_000
)  # orders at the gateway, above which hours are partitioned by day, not by month

INSTALLED_APPS = [
    "portal",
    "portal.accounts",
    "campaigns",
    "inventory",
    "segments",
    "core",
    "portal.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "csp",
    "django_structlog",
    "pgtrigger",
]
if EMBEDDED or DEBUG:
    INSTALLED_APPS.append("portal.local")

MIDDLEWARE = [
    "portal.client_address.ClientAddressMiddleware",
    "portal.accounts.language.LanguageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # random length, masked tokens: no BREACH
    "csp.middleware.CSPMiddleware",
    "portal.response_headers.PrivacyHeadersMiddleware",
    "core.api.middleware.CorrelationMiddleware",
    "core.api.middleware.JsonErrorMiddleware",
    "portal.short_domain.ShortLinkHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.body_limits.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.log_lines.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.pages.suspended_brand.SuspendedBrandMiddleware",
    "portal.accounts.sessions.SessionActivityMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.accounts.access.context",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
DATABASES["default"] |= database_settings.options(
    DATABASES["default"], database_settings.role(env.bool("DATABASE_POOL", default=False))
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions and counters of attempts are in PostgreSQL, so that a stop of Redis signs nobody out and
# resets no limit.
CACHES = {
    "default": {
        "BACKEND": "portal.lasting_cache.LastingCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 5_000},  # above it, expired entries are deleted
    },
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# An API client's secret has 128 random characters: a slow hash would protect nothing.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "portal.accounts.api_clients.RandomSecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "portal.accounts.sign_up.SignUpForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # staff confirm the addresses of accounts that they create
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of every change to how a person signs in
ACCOUNT_CHANGE_EMAIL = True  # a new address replaces the old one when it is confirmed
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the address is changed
ACCOUNT_SESSION_REMEMBER = None  # each person chooses
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
# Many people share an address: its limit is many times that of a person ("key"), which is counted
# first, so that what it refuses takes nothing from the others.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": env.str("LOGIN_FAILED_LIMIT", default="5/5m/key,60/m/ip"),
    "reset_password": "5/m/key,60/m/ip",
    "signup": env.str("SIGN_UP_LIMIT", default="30/m/ip,300/d/ip"),
    "confirm_email": "1/m/key",
}
MFA_ADAPTER = "portal.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "portal.accounts.second_factor.AuthenticateForm",
    "reauthenticate": "portal.accounts.second_factor.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Llamada Perdida"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s that a phone's clock may be off

# Safety
HTTPS = env.bool("HTTPS", default=True)  # off only for the embedded run on 127.0.0.1
SECURE_SSL_REDIRECT = HTTPS
# The front: proxies that buffer whole requests, as addresses, networks or `unix`. Of others,
# X-Forwarded-… count for nothing (portal/client_address.py).
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sesion" if HTTPS else "sesion"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
# A session ends that was not used for so long: that of a brand's people, and that of staff.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=12 * 60)
STAFF_SESSION_IDLE_MINUTES = env.int("STAFF_SESSION_IDLE_MINUTES", default=60)
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
# A choice of every LADA and state, with room: more than Django's default of 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# Language, time zone and formats
LANGUAGE_CODE = "es-mx"
LANGUAGES = [("es-mx", "Español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "__Host-idioma" if HTTPS else "idioma"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE_SECURE = HTTPS
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "America/Mexico_City"  # a channel day
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# Static files
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / ".static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.static_files.HashedStorage"},
}

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH: str | None = EMAIL_CONFIG.get("EMAIL_FILE_PATH")  # if mails go to files
EMAIL_TIMEOUT = 10  # seconds for each response of the mail server
# The page /correo/ shows the mails that were written to files; never in production.
MAILBOX = (EMBEDDED or DEBUG) and EMAIL_CONFIG["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Llamada Perdida <no-responder@localhost>")

# Celery's own settings, with the prefix CELERY_
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_REDBEAT_KEY_PREFIX = "redbeat:"
CELERY_REDBEAT_LOCK_TIMEOUT = 20  # seconds: a second beat takes over after this
CELERY_BEAT_SCHEDULER = "portal.beat.Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker tries until Redis is back
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "llamada:",
    "visibility_timeout": 600,  # seconds, above the hard time limit
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
    "socket_timeout": 5,  # a worker waits one second at a time for a message
    "health_check_interval": 10,
}
# A worker takes tasks of both queues; one with `-Q urgent` keeps a process for what stops ads.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"celery": {}, "urgent": {}}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {
    f"campaigns.tasks.{name}": {"queue": "urgent"} for name in ("send_urgent", "send_channel_state")
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300  # seconds
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20  # seconds
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_DB_REUSE_MAX = 100_000
CELERY_TIMEZONE = "UTC"

# Logs and metrics
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
METRICS_TOKEN = env.str(
    "METRICS_TOKEN", default=""
)  # to read /metricas/; without one only staff may
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = log_settings.configuration(LOG_LEVEL)
log_settings.configure_structlog()
