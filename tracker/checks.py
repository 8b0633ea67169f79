"""What `manage.py check` says of the settings and of the servers behind them.

A contradiction, where the product would not do what it is told, shows in every check; what a small office may well
want, but should know, shows in `check --deploy` and in the log at each start. The servers are asked by
`check --database default` and `check --deploy` only: a check must not hang because something is switched off.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.core.checks import Warning as Caution
from django.db import NotSupportedError, connections
from django.http.request import validate_host

from tracker.starting import TAG

KEY_LENGTH: Final = 50
KEY_VARIETY: Final = 5
BUSY_MILLISECONDS: Final = 20_000
SKEW_SECONDS: Final = 60
PATIENCE: Final = 2  # seconds for Redis to answer
LOCAL: Final = {"localhost", "127.0.0.1", "::1"}
NETWORK_FILES: Final = {
    "afs", "ceph", "cifs", "fuse.cephfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
    "fuse.vmhgfs-fuse", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs", "vboxsf",
}  # fmt: skip
Found = Iterator[CheckMessage]


def _registered(*tags: str, deploy: bool = False) -> Callable[[Callable[[], Found]], Callable[[], Found]]:
    """Register a check that looks at nothing but the settings."""

    def remember(look: Callable[[], Found]) -> Callable[[], Found]:
        def check(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
            return list(look())

        register(check, *tags, deploy=deploy)
        return look

    return remember


# ---- Settings that contradict each other -----------------------------------------------------------
@_registered(TAG)
def secret_key() -> Found:
    key = settings.SECRET_KEY
    weak = len(key) < KEY_LENGTH or len(set(key)) < KEY_VARIETY or key.startswith("django-insecure-")
    if not settings.DEBUG and (weak or "$" in key):
        yield Error(
            "SECRET_KEY 太短、太简单或含有 $",
            hint=f"SECRET_KEY 应是不少于 {KEY_LENGTH} 个字符、不含 $ 的随机字符串，可用 "
            'python3 -c "import secrets; print(secrets.token_urlsafe(50))" 生成',
            id="tracker.E001",
        )


@_registered(TAG)
def hosts() -> Found:
    if settings.DEBUG:
        return
    host = urlsplit(settings.SITE_URL).hostname or ""
    if "*" in settings.ALLOWED_HOSTS:
        yield Caution(
            "ALLOWED_HOSTS 含有 *，冒用的域名也会得到回答",
            hint=f"请把 ALLOWED_HOSTS 改为真正的域名，例如 {host}",
            id="tracker.W003",
        )
    elif not validate_host(host, settings.ALLOWED_HOSTS):
        yield Caution(
            f"ALLOWED_HOSTS 里没有 SITE_URL 的域名 {host}，邮件里的链接会打不开",
            hint=f"请在 ALLOWED_HOSTS 中加上 {host}，或改正 SITE_URL",
            id="tracker.W002",
        )


@_registered(TAG)
def proxy() -> Found:
    if settings.SECURE_PROXY_SSL_HEADER and not settings.HTTPS:
        yield Caution(
            "BEHIND_PROXY=true，但 SITE_URL 是 http://，登录信息会不加密地传送",
            hint="前面的代理提供 HTTPS 时请把 SITE_URL 改为 https://，否则把 BEHIND_PROXY 改为 false",
            id="tracker.W005",
        )


@_registered(TAG)
def debug_in_service() -> Found:
    if settings.DEBUG and _is_postgres():
        yield Caution(
            "DEBUG=true 却使用 PostgreSQL，出错的页面会显示程序和数据",
            hint="正式使用时请把 DEBUG 改为 false",
            id="tracker.W008",
        )


@_registered(TAG)
def mail() -> Found:
    if not _is_smtp():
        return
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    if "@" not in settings.DEFAULT_FROM_EMAIL or domain in {"", "localhost"}:
        yield Caution(
            "DEFAULT_FROM_EMAIL 不是真正的邮箱地址，邮件服务器多半会拒收",
            hint="请把 DEFAULT_FROM_EMAIL 改为单位的发件地址，例如 三个一批项目跟踪 <tracker@example.gov.cn>",
            id="tracker.W012",
        )
    encrypted = getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    if settings.EMAIL_HOST_PASSWORD and not encrypted and settings.EMAIL_HOST not in LOCAL:
        yield Caution(
            "EMAIL_URL 用 smtp:// 传送密码，途中不加密",
            hint="请把 EMAIL_URL 改为 smtp+tls://（587 端口）或 smtp+ssl://（465 端口）",
            id="tracker.W013",
        )


@_registered(TAG)
def addresses() -> Found:
    if _is_postgres() and not settings.DATABASES["default"]["NAME"]:
        yield Error(
            "DATABASE_URL 没有写明库名",
            hint="请在 DATABASE_URL 末尾加上库名，例如 postgres://tracker@db:5432/tracker",
            id="tracker.E016",
        )
    number = urlsplit(settings.CELERY_BROKER_URL).path.strip("/")
    if settings.CELERY_BROKER_URL.startswith("redis") and not re.fullmatch(r"\d*", number):
        yield Error(
            "CELERY_BROKER_URL 末尾不是 Redis 的库号",
            hint="CELERY_BROKER_URL 应像 redis://redis:6379/0 这样，以数字结尾",
            id="tracker.E017",
        )


# ---- Folders ---------------------------------------------------------------------------------------
@_registered(TAG)
def folders() -> Found:
    for variable, folder in _folders_in_use():
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            yield Error(
                f"不能写入目录 {folder}（{error.strerror}）",
                hint=f"请让运行系统的用户能写这个目录，或用 {variable}、TRACKER_VAR 指定别的地方",
                id="tracker.E014",
            )


@_registered(TAG)
def database_file() -> Found:
    file = _sqlite_file()
    if file and (kind := file_system(file)) in NETWORK_FILES:
        yield Error(
            f"SQLite 数据库放在网络文件系统（{kind}）上，会损坏",
            hint="请用 TRACKER_VAR 或 DATABASE_URL 换到本机磁盘，或改用 PostgreSQL",
            id="tracker.E015",
        )


def file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that a path lies on, as Linux names it; empty where that cannot be known."""
    if not mounts.exists():
        return ""
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), line.split()[1])
        if path.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, line.split()[2]
    return kind


def _folders_in_use() -> Iterator[tuple[str, Path]]:
    if file := _sqlite_file():
        yield "DATABASE_URL", file.parent
    if settings.CELERY_BROKER_URL.startswith("filesystem://"):
        yield "CELERY_BROKER_URL", Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]))
    if settings.EMAIL_URL.startswith("file://"):
        folder = Path(settings.EMAIL_FILE_PATH)  # made by the first mail
        yield "EMAIL_URL", next(place for place in (folder, *folder.parents) if place.exists())


def _sqlite_file() -> Path | None:
    database = settings.DATABASES["default"]
    name = str(database["NAME"])
    in_memory = ":memory:" in name or "mode=memory" in name
    return None if _is_postgres() or in_memory else Path(name)


def _is_postgres() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql")


def _is_smtp() -> bool:
    return bool(settings.EMAIL_URL.startswith("smtp"))


# ---- What an office should know --------------------------------------------------------------------
@_registered(TAG, deploy=True)
def demonstration() -> Found:
    if settings.DEBUG:
        return
    if settings.TRACKER_TODAY:
        yield Caution(
            f"TRACKER_TODAY 把“今天”固定在 {settings.TRACKER_TODAY}，预警不会随日期变化",
            hint="只有演示时才设置 TRACKER_TODAY，正式使用请去掉",
            id="tracker.W006",
        )
    if settings.TRACKER_DEMO:
        yield Caution(
            "TRACKER_DEMO=true，演示账号的密码是公开的",
            hint="只有演示时才设置 TRACKER_DEMO，正式使用请去掉",
            id="tracker.W007",
        )
    elif not settings.HTTPS:
        yield Caution(
            "SITE_URL 是 http://，密码会不加密地传送",
            hint="请在前面的代理上启用 HTTPS，把 SITE_URL 改为 https://，并设置 BEHIND_PROXY=true",
            id="tracker.W004",
        )


@_registered(TAG, deploy=True)
def workers_elsewhere() -> Found:
    in_folder = settings.CELERY_BROKER_URL.startswith("filesystem://")
    if _is_postgres() and in_folder:
        yield Info(
            "后台任务的消息放在本机目录里，别的机器上的后台进程收不到",
            hint="后台进程不在这台机器上时，请把 CELERY_BROKER_URL 改为 redis://",
            id="tracker.I009",
        )
    if not _is_postgres() and not in_folder:
        yield Info(
            "用了 Redis，但数据库是 SQLite，别的机器上的后台进程用不了这个数据库",
            hint="后台进程不在这台机器上时，请把 DATABASE_URL 改为 postgres://",
            id="tracker.I010",
        )


@_registered(TAG, deploy=True)
def mail_goes_nowhere() -> Found:
    if not settings.DEBUG and not _is_smtp():
        yield Info(
            "EMAIL_URL 不是邮件服务器，邮件只写成文件，不会发出",
            hint="要真正发信，请把 EMAIL_URL 改为邮件服务器的 smtp+tls:// 地址，写法见 docs/settings.md",
            id="tracker.I011",
        )


# ---- Servers ---------------------------------------------------------------------------------------
@register(Tags.database)
def check_databases(
    app_configs: Any = None, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """What only the database itself can tell. Raises OperationalError where it does not answer."""
    return [message for alias in databases or () for message in database(connections[alias])]


def database(connection: Any) -> Found:
    """What is wrong with one database."""
    try:
        connection.ensure_connection()
    except NotSupportedError as error:
        yield Error(f"数据库版本太旧：{error}", hint="请升级到 PostgreSQL 14 或更高版本", id="tracker.E021")
        return
    yield from sqlite_pragmas(connection) if connection.vendor == "sqlite" else postgres_server(connection)


def sqlite_pragmas(connection: Any) -> Found:
    """Whether a writer waits for another one instead of failing."""
    if connection.is_in_memory_db():
        return
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    if mode.lower() != "wal" or waits < BUSY_MILLISECONDS:
        yield Error(
            f"SQLite 没有按要求打开（journal_mode={mode}，busy_timeout={waits}），多人同时填写会出错",
            hint="请检查 DATABASE_URL 所在的磁盘是否为本机磁盘、能否写入；多人使用请改用 PostgreSQL",
            id="tracker.E020",
        )


def postgres_server(connection: Any) -> Found:
    """Whether a PostgreSQL speaks Chinese, knows Shanghai and has the same clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_encoding'), extract(epoch FROM clock_timestamp())::float8,"
            " EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)",
            [settings.TIME_ZONE],
        )
        encoding, clock, knows_zone = cursor.fetchone()
    if encoding != "UTF8":
        yield Error(
            f"数据库的编码是 {encoding}，存不下全部汉字",
            hint="请重新建库（CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0），并改正 DATABASE_URL",
            id="tracker.E022",
        )
    if not knows_zone:
        yield Error(
            f"数据库不认识时区 {settings.TIME_ZONE}",
            hint="请在数据库服务器上安装时区数据（tzdata）",
            id="tracker.E023",
        )
    if abs(clock - time.time()) > SKEW_SECONDS:
        yield Caution(
            f"数据库与本机的时钟相差 {abs(clock - time.time()):.0f} 秒",
            hint="请让两台机器自动对时（NTP），否则记录的时间先后会乱",
            id="tracker.W024",
        )


@register("services", deploy=True)
def check_redis(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """How Redis keeps what it is given; nothing where it does not answer (`/readyz` tells that) or does not say."""
    if not settings.CELERY_BROKER_URL.startswith("redis"):
        return []
    import redis  # takes half a second, and every command starts with these checks

    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, decode_responses=True
    )
    try:
        found: Any = client.config_get("maxmemory-policy", "appendonly")
    except redis.RedisError:
        return []
    finally:
        client.close()
    return list(redis_policy(found))


def redis_policy(found: dict[str, str]) -> Found:
    """Whether a message once taken is kept."""
    if found.get("maxmemory-policy") != "noeviction":
        yield Caution(
            f"Redis 内存满时会丢弃任务消息（maxmemory-policy {found.get('maxmemory-policy')}）",
            hint="请在 CELERY_BROKER_URL 指向的 Redis 上设置 maxmemory-policy noeviction",
            id="tracker.W030",
        )
    if found.get("appendonly") != "yes":
        yield Caution(
            "Redis 重启后会丢失任务消息（appendonly no），后台任务会迟一分钟",
            hint="请在 CELERY_BROKER_URL 指向的 Redis 上设置 appendonly yes",
            id="tracker.W031",
        )
