"""Settings: one file, everything from the environment (the table stands in README.md).

Order: where we are, secrets and hosts, apps, middleware and templates, database, language and time,
files, mail, Celery, API, security, logging.
"""

import datetime as dt
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from tracker import branding, schedule

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
    """A comma-separated list; blanks around an entry do not count."""
    return [part.strip() for part in env.str(name, default=default).split(",") if part.strip()]


def fixed_day(name: str) -> dt.date | None:
    """A date that stands for today, for a demonstration; None when the variable is empty."""
    raw = env.str(name, default="")
    try:
        return dt.date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r}：应为 YYYY-MM-DD 形式的日期，例如 2023-07-10") from error


def address(name: str, default: str, *schemes: str) -> str:
    """An address from the environment, the default when it is empty; of a kind that the product knows."""
    raw = env.str(name, default="") or default
    if not raw.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        known = "、".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} 无法识别：应以 {known} 开头")
    return raw


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


VAR_DIR = folder("TRACKER_VAR", BASE_DIR / "var")

# ---- Secrets and hosts --------------------------------------------------------------------------
DEBUG = flag("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("缺少 SECRET_KEY：请在环境变量中设置一个不少于 50 个字符的随机字符串（不要含 $）")
ALLOWED_HOSTS = names("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]" if DEBUG else "")
SITE_URL = address("SITE_URL", "http://127.0.0.1:8000", "https", "http").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []
TRACKER_TODAY = fixed_day("TRACKER_TODAY")
TRACKER_DEMO = flag("TRACKER_DEMO", default=False)

# ---- Apps, ground to roof -----------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "rest_framework",
    "axes",
    "csp",
    "zones",
    "projects",
    "projects.notices",
    "projects.alerts",
    "projects.reports",
    "tracker",
]
AUTH_USER_MODEL = "zones.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Middleware and templates -------------------------------------------------------------------
MIDDLEWARE = [
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
DATABASE_URL = address("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}", "sqlite", "postgres", "postgresql")
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

# ---- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# ---- Files --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

# ---- Mail ---------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="三个一批项目跟踪 <tracker@localhost>")
EMAIL_TIMEOUT = 15
EMAIL_URL = address("EMAIL_URL", f"file://{VAR_DIR / 'mail'}", "file", "smtp", "smtp+tls", "smtp+ssl", "consolemail")
if EMAIL_URL.startswith("file://"):
    EMAIL_BACKEND = "projects.notices.channels.eml.EmlFileBackend"
    EMAIL_FILE_PATH = EMAIL_URL.removeprefix("file://")
else:
    vars().update(env.email_url_config(EMAIL_URL))

# ---- Celery -------------------------------------------------------------------------------------
CELERY_BROKER_URL = address("CELERY_BROKER_URL", "filesystem://", "filesystem", "redis", "rediss")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"visibility_timeout": 600}
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
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = schedule.BEAT_SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")

# ---- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
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
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
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
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": one_of("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")},
    "loggers": {"axes": {"level": "WARNING"}},
}
