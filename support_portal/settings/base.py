"""Every setting, read once from the environment.  Production runs exactly this module."""

from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path

from support_portal.core import env, sqlite

BASE_DIR = Path(__file__).resolve().parents[2]
env.load_file(BASE_DIR / ".env")
DATA_DIR = env.path("PORTAL_DATA_DIR", default=BASE_DIR / ".data")

# -- secrets and hosts ------------------------------------------------------------------------
SECRET_KEY = env.secret("PORTAL_SECRET_KEY")
SEAL_KEYS = env.text("PORTAL_SEAL_KEYS")
DEBUG = env.flag("PORTAL_DEBUG", default=False)
ALLOWED_HOSTS = env.words("PORTAL_ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))
HTTPS = env.flag("PORTAL_HTTPS", default=True)  # off only for `manage.py up` on one's own machine
CSRF_TRUSTED_ORIGINS = env.words("PORTAL_TRUSTED_ORIGINS")
# What people type to get here; links in mails begin with it.
ADDRESS = env.origin("PORTAL_ADDRESS", hosts=ALLOWED_HOSTS, https=HTTPS)
DEMO = env.flag("PORTAL_DEMO", default=False)  # set by `manage.py up` when it loaded demo data

# -- database and broker ----------------------------------------------------------------------
DATABASES = {
    "default": env.database(
        "PORTAL_DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = sqlite.options(safe_wal=sqlite.install())
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.broker("PORTAL_BROKER_URL", default="local://localhost//")
BROKER_OPTIONS: dict[str, dict[str, object]] = {
    "local": {
        "data_folder_in": str(DATA_DIR / "broker" / "queue"),
        "data_folder_out": str(DATA_DIR / "broker" / "queue"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    },
    # A confirmed ring is not needed for safety (the inbox row is), but a broker that silently
    # drops everything should be noticed.
    "amqp": {"confirm_publish": True},
    "amqps": {"confirm_publish": True},
}
CELERY_BROKER_TRANSPORT_OPTIONS = BROKER_OPTIONS.get(CELERY_BROKER_URL.partition("://")[0], {})
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = env.text("PORTAL_QUEUE", default="portal")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False  # a ring that fails is replaced by the next sweep
CELERY_DB_REUSE_MAX = 1_000_000  # else every task opens a database connection of its own
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "support_portal.core.beat.SteadyScheduler"
# A ring that nobody heard for an hour is dropped.  The age is told by two clocks, those of the
# machine that rang and of the worker's: a short life would be none where they differ by more.
RING_LIFE = 3600


def _rings(task: str, every: timedelta) -> dict[str, object]:
    return {"task": task, "schedule": every, "options": {"expires": RING_LIFE}}


CELERY_BEAT_SCHEDULE = {
    "sweep-inbox": _rings("ingest.drain", timedelta(seconds=1)),
    "catch-up-counts": _rings("insights.catch_up", timedelta(seconds=10)),
    "detect-incidents": _rings("insights.detect", timedelta(seconds=30)),
    "forget-minutes": _rings("insights.forget_minutes", timedelta(hours=1)),
    "watch-sweep": _rings("ingest.watch_sweep", timedelta(seconds=10)),
    "watch-senders": _rings("ingest.watch_senders", timedelta(minutes=2)),
    "read-files": _rings("ingest.read_files", timedelta(seconds=1)),
    "tidy-files": _rings("ingest.tidy_files", timedelta(minutes=5)),
    "keep-partitions": _rings("events.keep_partitions", timedelta(minutes=5)),
    "prune": _rings("operations.prune", timedelta(minutes=10)),
    "measure-delays": _rings("events.measure_delays", timedelta(minutes=5)),
    "sweep-quarantine": _rings("ingest.quarantine_runs", timedelta(seconds=5)),
    "look-for-watched": _rings("watches.look", timedelta(seconds=2)),
    "forget-presence": _rings("teamwork.forget", timedelta(minutes=10)),
    "look-for-what-came-back": _rings("teamwork.look", timedelta(seconds=10)),
    "prune-watches": _rings("watches.prune", timedelta(hours=1)),
    "look-at-alerts": _rings("browsing.look_at_alerts", timedelta(minutes=1)),
    "call-webhooks": _rings("browsing.call_webhooks", timedelta(seconds=5)),
    "make-exports": _rings("browsing.make_exports", timedelta(seconds=2)),
    "tidy-exports": _rings("browsing.tidy_exports", timedelta(minutes=5)),
    "prune-views": _rings("browsing.prune_views", timedelta(hours=1)),
    "gather-evidence": _rings("inquiries.gather", timedelta(seconds=2)),
    "remind-of-inquiries": _rings("inquiries.remind", timedelta(minutes=1)),
    "prune-notices": _rings("notices.prune", timedelta(hours=1)),
}

# -- mail ---------------------------------------------------------------------------------------
mail_server = env.mail_server("PORTAL_EMAIL_URL")
MAIL_ON = bool(mail_server.sender)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_ON else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = mail_server.host, mail_server.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = mail_server.user, mail_server.password
EMAIL_USE_TLS, EMAIL_USE_SSL = mail_server.starttls, mail_server.tls
EMAIL_TIMEOUT = 5  # seconds for which a mail server that does not answer holds up the worker
DEFAULT_FROM_EMAIL = mail_server.sender
if MAIL_ON:
    CELERY_BEAT_SCHEDULE["mail-notices"] = _rings("notices.mail", timedelta(seconds=5))

# -- inquiries ----------------------------------------------------------------------------------
# Whom inquiries may be sent to, and nobody else; the first is proposed.
INQUIRY_RECIPIENTS = env.mail_addresses(
    "PORTAL_8X8_RECIPIENTS", default=("cpaas-support@8x8.com", "support@cpaas.8x8.com")
)
# Who writes to them, in the letter and to the mail server: the sender of all mail unless it is named.
INQUIRY_SENDER = env.mail_address("PORTAL_8X8_SENDER", default=mail_server.sender)
INQUIRY_ENVELOPE = parseaddr(INQUIRY_SENDER)[1]
# The Zendesk that takes them as requests, and which of its fields say what about them.
ZENDESK = env.zendesk("PORTAL_8X8_ZENDESK")
ZENDESK_FIELDS = env.numbered(
    "PORTAL_8X8_ZENDESK_FIELDS", among=("account", "priority", "reference", "request_type")
)
if MAIL_ON or ZENDESK.origin:
    CELERY_BEAT_SCHEDULE["post-inquiries"] = _rings("inquiries.post", timedelta(seconds=5))
# The webhook of the team's chat, which is told how inquiries stand; its host is one of WEBHOOK_HOSTS.
INQUIRY_CHAT = env.text("PORTAL_8X8_CHAT", default="")
if INQUIRY_CHAT:
    CELERY_BEAT_SCHEDULE["call-chat"] = _rings("inquiries.call_chat", timedelta(seconds=5))
# Where answers come in; without it they are pasted or uploaded.
INBOX = env.inbox("PORTAL_8X8_INBOX")
if INBOX.host:
    CELERY_BEAT_SCHEDULE["fetch-answers"] = _rings("inquiries.fetch", timedelta(minutes=1))
INQUIRY_ACCOUNT = env.text("PORTAL_8X8_ACCOUNT", default="")
# When the desk works and how many business hours 8x8 may take, as texts that inquiries.desk reads;
# leads can say otherwise in the portal.
DESK = {
    "zone": env.text("PORTAL_DESK_ZONE", default="UTC"),
    "days": env.text("PORTAL_DESK_DAYS", default="mon,tue,wed,thu,fri"),
    "opens": env.text("PORTAL_DESK_OPENS", default="09:00"),
    "closes": env.text("PORTAL_DESK_CLOSES", default="17:00"),
    "holidays": env.text("PORTAL_DESK_HOLIDAYS", default=""),
    "p1_answer": env.text("PORTAL_DESK_P1_ANSWER", default="2"),
    "p1_solution": env.text("PORTAL_DESK_P1_SOLUTION", default="8"),
    "p2_answer": env.text("PORTAL_DESK_P2_ANSWER", default="8"),
    "p2_solution": env.text("PORTAL_DESK_P2_SOLUTION", default="40"),
    "lower_answer": env.text("PORTAL_DESK_LOWER_ANSWER", default="24"),
    "lower_solution": env.text("PORTAL_DESK_LOWER_SOLUTION", default="80"),
}

# -- intake -------------------------------------------------------------------------------------
INTAKE_BODY_LIMIT = env.integer("PORTAL_BODY_LIMIT", default=10 * 2**20, minimum=1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = INTAKE_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000  # a result page has a box for each of a thousand things
# Of tokens without a quota of their own; 0: no quota.
TOKEN_REQUESTS_A_MINUTE = env.integer("PORTAL_TOKEN_REQUESTS_A_MINUTE", default=0)
TOKEN_BYTES_A_MINUTE = env.integer("PORTAL_TOKEN_BYTES_A_MINUTE", default=0)
# Beyond these the intake answers 503 before anything breaks (ingest.limits); 0: no limit.
INBOX_DELIVERY_LIMIT = env.integer("PORTAL_INBOX_DELIVERY_LIMIT", default=500_000)
INBOX_BYTE_LIMIT = env.integer("PORTAL_INBOX_BYTE_LIMIT", default=2 * 2**30)
DISK_FREE_LIMIT = env.integer("PORTAL_DISK_FREE_LIMIT", default=512 * 2**20)
DATABASE_SIZE_LIMIT = env.integer("PORTAL_DATABASE_SIZE_LIMIT", default=0)
# Of one export made in the background, as it is kept: compressed and sealed.
EXPORT_LIMIT = env.integer("PORTAL_EXPORT_LIMIT", default=2**30, minimum=1024)
# What alerts and the chat may call: names of hosts over HTTPS, or origins such as http://10.0.0.5:8065; none: no webhooks.
WEBHOOK_HOSTS = env.hosts("PORTAL_WEBHOOK_HOSTS")
UPLOAD_LIMIT = env.integer("PORTAL_UPLOAD_LIMIT", default=2**30, minimum=1024)


# -- retention ----------------------------------------------------------------------------------
def _days(name: str, default: int) -> int:
    return env.integer(name, default=default, maximum=36_500)  # further back there are no dates


# For how many days records are kept (operations.retention); 0: for ever.
KEPT_DAYS = {
    "errors": _days("PORTAL_KEEP_ERRORS_DAYS", 365),
    "messages": _days("PORTAL_KEEP_MESSAGES_DAYS", 90),
    "happenings": _days("PORTAL_KEEP_HAPPENINGS_DAYS", 90),
    "account_events": _days("PORTAL_KEEP_ACCOUNT_EVENTS_DAYS", 365),
    "deliveries": _days("PORTAL_KEEP_DELIVERIES_DAYS", 90),
    "quarantine": _days("PORTAL_KEEP_QUARANTINE_DAYS", 90),
    "files": _days("PORTAL_KEEP_FILES_DAYS", 365),
    "mails": _days("PORTAL_KEEP_MAILS_DAYS", 90),
}

# -- applications -------------------------------------------------------------------------------
ROOT_URLCONF = "support_portal.urls"
WSGI_APPLICATION = "support_portal.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "support_portal.core",
    "support_portal.accounts",
    "support_portal.notices",
    "support_portal.events",
    "support_portal.insights",
    "support_portal.ingest",
    "support_portal.comments",
    "support_portal.teamwork",
    "support_portal.knowledge",
    "support_portal.watches",
    "support_portal.inquiries",
    "support_portal.browsing",
    "support_portal.dashboard",
    "support_portal.api",
    "support_portal.operations",
]
MIDDLEWARE = [
    "support_portal.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "support_portal.core.middleware.TimeZoneMiddleware",
    "support_portal.dashboard.reveal.RevealMiddleware",
    "axes.middleware.AxesMiddleware",
]
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
                "support_portal.dashboard.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "support_portal.dashboard.widgets.Renderer"

# -- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "support_portal.core.sessions"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "support_portal.accounts.backends.PasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# One person at one address is slowed down; an office behind one address is not locked out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_VERBOSE = False

# -- words, times, files ------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # no build step: files are served from where they are kept
WHITENOISE_MAX_AGE = 60
DJANGO_TABLES2_TEMPLATE = "components/table.html"

# -- security -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and env.flag("PORTAL_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

# -- logs ---------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "support_portal.core.logs.RequestIdFilter"}},
    "formatters": {
        "line": {
            "()": "support_portal.core.logs.OneLineFormatter",
            "format": "{asctime} {levelname} {name} {request_id} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("PORTAL_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}
