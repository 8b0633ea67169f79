"""Settings: one file, everything from the environment (the table stands in docs/settings.md).

Order: where we are, secrets and hosts, apps, middleware and templates, database, language and time,
files, mail, background jobs, cache, API, security, logging.
"""

import datetime as dt
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from tracker import branding, logs, schedule

# ---- Where we are -------------------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def flag(name: str, default: bool) -> bool:
    """A boolean from the environment; a misspelt one is an error and never silently False."""
    raw = env.str(name, default=str(default))
    if raw.lower() not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name}={raw!r}：只接受 true 或 false")
    return raw.lower() == "true"


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list, the default when it is empty; blanks around an entry do not count."""
    return [part.strip() for part in (env.str(name, default="") or default).split(",") if part.strip()]


def networks(name: str) -> list[str]:
    """A list of networks in CIDR notation."""
    found = names(name)
    for each in found:
        try:
            ip_network(each, strict=False)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} 里的 {each!r} 不是网段：应像 10.1.2.0/24 这样") from error
    return found


def fixed_day(name: str) -> dt.date | None:
    """A date that stands for today, for a demonstration; None when the variable is empty."""
    raw = env.str(name, default="")
    try:
        return dt.date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r}：应为 YYYY-MM-DD 形式的日期，例如 2023-07-10") from error


def secret(name: str) -> str:
    """A secret from the variable NAME, or from the file that NAME_FILE names; empty when neither is set.

    Raises ImproperlyConfigured when both are set, and when the file is empty or cannot be read.
    """
    path = env.str(f"{name}_FILE", default="")
    if not path:
        return env.str(name, default="")
    if env.str(name, default=""):
        raise ImproperlyConfigured(f"{name} 与 {name}_FILE 不能同时设置：请只保留其中一个")
    try:
        words = Path(path).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path}：这个文件不是 UTF-8 文本，请重新写入") from error
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path}：不能读取这个文件（{error.strerror}）") from error
    if not words:
        raise ImproperlyConfigured(f"{name}_FILE={path}：这个文件是空的，请写入 {name} 的值")
    return words


def address(name: str, default: str, *schemes: str) -> str:
    """An address from the environment or a file, the default when it is empty; of a kind that the product knows."""
    raw = secret(name) or default
    if not raw.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        known = "、".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} 无法识别：应以 {known} 开头")
    try:
        urlsplit(raw).port  # noqa: B018  (a part that makes no sense is found when it is read)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} 写法有误：用户名、密码中的特殊字符请写成 %XX，例如 [ 写成 %5B") from error
    return raw


def with_password(url: str, name: str) -> str:
    """The address of a server, with the password of the secret NAME where one is set; of a file, as it is."""
    password, parts = secret(name), urlsplit(url)
    if not password or parts.scheme in {"sqlite", "filesystem"}:
        return url
    user, _, host = parts.netloc.rpartition("@")
    if ":" in user:
        raise ImproperlyConfigured(f"{parts.scheme}:// 地址里已有密码：请去掉地址里的密码，或去掉 {name}")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def folder(name: str, default: Path) -> Path:
    """A folder from the environment, made if it is not there."""
    path = Path(env.str(name, default="") or default).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={path}：不能建立这个目录（{error.strerror}）") from error
    return path


def one_of(name: str, *values: str) -> str:
    """One of some words, the first when the variable is empty."""
    raw = (env.str(name, default="") or values[0]).upper()
    if raw not in values:
        raise ImproperlyConfigured(f"{name}={raw!r}：只接受 {'、'.join(values)}")
    return raw


def count(name: str, default: int, least: int = 0) -> int:
    """A whole number from `least` on."""
    raw = env.str(name, default="") or str(default)
    if not (raw.isascii() and raw.isdigit() and int(raw) >= least):
        raise ImproperlyConfigured(f"{name}={raw!r}：应为不小于 {least} 的整数")
    return int(raw)


VAR_DIR = folder("TRACKER_VAR", BASE_DIR / "var")

# ---- Secrets and hosts --------------------------------------------------------------------------
DEBUG = flag("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("缺少 SECRET_KEY：请在环境变量中设置一个不少于 50 个字符的随机字符串（不要含 $）")
SITE_URL = address("SITE_URL", "http://127.0.0.1:8000", "https", "http").rstrip("/")
OWN_HOST = urlsplit(SITE_URL).hostname or ""
if not OWN_HOST:
    raise ImproperlyConfigured("SITE_URL 没有写域名：应像 https://tracker.example.gov.cn 这样")
ALLOWED_HOSTS = names("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]" if DEBUG else OWN_HOST)
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []
TRACKER_TODAY = fixed_day("TRACKER_TODAY")
TRACKER_DEMO = flag("TRACKER_DEMO", default=False)

# ---- Apps, ground to roof -----------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "tracker.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "zones",
    "projects",
    "projects.jobs",
    "projects.notices",
    "projects.intake",
    "projects.alerts",
    "projects.reports",
    "projects.ledgers",
    "projects.meetings",
    "tracker",
]
AUTH_USER_MODEL = "zones.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Middleware and templates -------------------------------------------------------------------
MIDDLEWARE = [
    "tracker.middleware.RequestLog",
    "zones.scoped.api.caching.private",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
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
            ],
        },
    },
]
UNFOLD = branding.UNFOLD

# ---- Database -----------------------------------------------------------------------------------
DATABASE_URL = with_password(
    address("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}", "sqlite", "postgres", "postgresql"),
    "DATABASE_PASSWORD",
)
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A deferred transaction that turns into a writer fails at once when another writes; an immediate one waits.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that vanishes without a word is noticed within a minute, and not after hours; the address may say more.
    _watchful = {"connect_timeout": 5, "keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
    DATABASES["default"]["OPTIONS"] = _watchful | DATABASES["default"].get("OPTIONS", {})

# ---- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# ---- Files --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("TRACKER_STATIC", default="") or VAR_DIR / "static")
# Collected files are compressed and named by their content, so that a browser keeps them for ever. Where nobody has
# collected them they come from the packages themselves.
WHITENOISE_USE_FINDERS = DEBUG or not env.str("TRACKER_STATIC", default="")
if not WHITENOISE_USE_FINDERS:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Photos of returns, files of meetings, reports that were sent: served by views that ask who may see them, not by path.
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # a page of fifty returns is one form

# ---- Mail ---------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="") or "三个一批项目跟踪 <tracker@localhost>"
EMAIL_TIMEOUT = 15
EMAIL_URL = address("EMAIL_URL", f"file://{VAR_DIR / 'mail'}", "file", "smtp", "smtp+tls", "smtp+ssl", "consolemail")
if EMAIL_URL.startswith("file://"):
    EMAIL_BACKEND = "projects.notices.channels.eml.EmlFileBackend"
    EMAIL_FILE_PATH = EMAIL_URL.removeprefix("file://")
else:
    vars().update(env.email_url_config(EMAIL_URL))

OPERATORS = names("OPERATORS")  # who is written to when nobody is told any more (manage.py watch_notices)
# Private networks to which webhooks may go all the same; nothing else inside is ever asked.
WEBHOOK_NETWORKS = networks("WEBHOOK_NETWORKS")
# More new alerts at once than a real day brings are told only after somebody has confirmed them.
STORM_GUARD = flag("STORM_GUARD", default=not TRACKER_DEMO)

# ---- Background jobs, Celery ---------------------------------------------------------------------
JOBS_TIMETABLE = schedule.TIMETABLE
TICK_SECONDS = count("TICK_SECONDS", 60, least=1)
JOB_LEASE_SECONDS = count("JOB_LEASE_SECONDS", 60, least=1)  # after which a silent worker's job is given to another
NOTICE_LEASE_SECONDS = count("NOTICE_LEASE_SECONDS", 180, least=1)  # the same of a message that is being sent
CELERY_BROKER_URL = with_password(
    address("CELERY_BROKER_URL", "filesystem://", "filesystem", "redis", "rediss"), "REDIS_PASSWORD"
)
# Celery reads the variable of that name by itself, in which the password may be missing; it prefers these two.
CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = CELERY_BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    # A message whose worker died comes back after this, and is looked for every few seconds. The job itself comes
    # back sooner, by its lease; who is rung for it a second time finds it taken.
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A broker that vanished without a word is noticed, and not waited for.
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    "socket_keepalive": True,
}
if CELERY_BROKER_URL.startswith("filesystem://"):
    _queue = VAR_DIR / "queue"
    for _folder in ("messages", "processed", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "processed_folder": str(_queue / "processed"),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
    }
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "tracker"
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # there are none, so none to clean up every night
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# For the tick; each job's message brings the limit of its kind.
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: an outage is survived, however long
CELERY_BEAT_SCHEDULE = schedule.beat_schedule(TICK_SECONDS)
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"  # the one that keeps no file: there is nothing to remember

# ---- Cache --------------------------------------------------------------------------------------
# Only counters that nobody misses. With Redis as broker all processes count together, else each for itself.
CACHES: dict[str, dict[str, object]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if CELERY_BROKER_URL.startswith("redis"):
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "tracker",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }

# ---- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "zones.scoped.api.signing.TokenAuthentication",
        "zones.scoped.api.signing.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["zones.scoped.api.signing.SignedIn"],
    "DEFAULT_THROTTLE_CLASSES": ["zones.scoped.api.throttles.PerMinute"],
    "DEFAULT_RENDERER_CLASSES": ["zones.scoped.api.wire.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["zones.scoped.api.wire.Parser"],
    "DEFAULT_SCHEMA_CLASS": "zones.scoped.api.document.Schema",
    "DEFAULT_METADATA_CLASS": "zones.scoped.api.methods.OnlyMethods",
    "EXCEPTION_HANDLER": "zones.scoped.api.refusals.answer",
    # One form of answer, so nothing to choose by an extra parameter.
    "URL_FORMAT_OVERRIDE": None,
}
API_RATE = count("API_RATE", 600)  # requests a minute for each person, 0 for any number
SPECTACULAR_SETTINGS = {
    "TITLE": "三个一批项目跟踪",
    "DESCRIPTION": "开发区“三个一批”项目、预警和报道的接口。金额以元计，落后以百分点计，日期为北京时间。",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["zones.scoped.api.signing.SignedIn"],
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/tracker/favicon.svg",
    # Names that stay, whichever endpoints come.
    "ENUM_NAME_OVERRIDES": {
        "ZoneKind": "zones.models.Zone.Kind",
        "Role": "zones.permissions.Role",
        "Phase": "projects.models.Phase",
        "Batch": "projects.models.Batch",
        "Category": "projects.models.Category",
        "Importance": "projects.models.Importance",
        "Qualifier": "projects.models.project.Qualifier",
        "AssignmentRole": "projects.models.Assignment.Role",
        "MilestoneKind": "projects.models.Milestone.Kind",
        "MilestoneChangeKind": "projects.models.MilestoneChange.What",
        "SuspensionKind": "projects.models.Suspension.Kind",
        "PlanStatus": "projects.models.AnnualPlan.Status",
        "PlanMethod": "projects.models.AnnualPlan.Method",
        "ProgressChannel": "projects.models.Progress.Channel",
        "ReturnStatus": "projects.models.Return.Status",
        "ReturnEventKind": "projects.models.ReturnEvent.What",
        "ProblemCategory": "projects.models.Problem.Category",
        "ProblemEventKind": "projects.models.ProblemEvent.What",
        "SourceKind": "projects.models.Source.Kind",
        "ClaimField": "projects.models.Claim.Field",
        "ClaimCertainty": "projects.models.Claim.Certainty",
        "AlertEventKind": "projects.alerts.models.AlertEvent.Kind",
        "LetterKind": "projects.alerts.models.LetterKind",
        "LetterState": "projects.alerts.models.Letter.State",
        "LetterEventKind": "projects.alerts.models.LetterEvent.What",
        "LetterReplyState": "projects.alerts.models.LetterReply.State",
        "UploadPurpose": "projects.intake.models.Upload.Purpose",
        "UploadState": "projects.intake.models.Upload.State",
        "MentionState": "projects.reports.models.Mention.State",
        "LedgerState": "projects.ledgers.models.Ledger.State",
        "LedgerRowKind": "projects.ledgers.models.LedgerRow.Kind",
        "MeetingState": "projects.meetings.models.Meeting.State",
        "TopicState": "projects.meetings.models.Topic.State",
        "DecisionState": "projects.meetings.models.Decision.State",
        "DecisionEventKind": "projects.meetings.models.DecisionEvent.What",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "zones.scoped.api.document.add_problem",
    ],
}

# ---- Security -----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
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
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "locked_out.html"
AXES_RESET_ON_SUCCESS = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
# HTTPS is the rule; SITE_URL with http:// says that this is a demonstration or that a proxy is missing.
HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz(/jobs|/alerts)?$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tracker.errors.csrf_failure"
# The theme's Alpine evaluates expressions in attributes and needs unsafe-eval; nothing is loaded from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
    },
}

# ---- Logging ------------------------------------------------------------------------------------
LOGGING = logs.configuration(
    one_of("LOG_FORMAT", *(("LINE", "JSON") if DEBUG else ("JSON", "LINE"))),
    one_of("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"),
)
