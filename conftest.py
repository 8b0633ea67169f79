"""One cast for all tests: two zones of one city, and the people in them.

`town.east` is 高新区 with its own people; `town.west` is the neighbour whose rows nobody of the east may meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.crypto import get_random_string

APPOINTED_SINCE = date(2020, 1, 1)
PASSWORD = "Test-2023-gaoxin"
BACKEND = "django.contrib.auth.backends.ModelBackend"


DATABASE = {"db", "transactional_db", "live_server"}  # fixtures
SCREENS = {"test_page.py", "test_pages.py", "test_screen.py", "test_screens.py", "test_review_page.py"}
"""What a room's pages show is asked once; that every page opens is asked of both databases, by `tracker`."""
ALIKE = (
    # Word files; what they are made from is read and written by the tests beside them.
    "meetings/tests/minutes/test_document.py",
    "meetings/tests/minutes/test_rendered.py",
    "alerts/tests/letters/test_paper.py",
    # What is said to the chat services; test_delivering and test_manners ask each database who is told what, and when.
    "notices/tests/test_chat.py",
    # Ways around a scan, told by an evaluator; test_evaluation and scanning ask each database what a scan says.
    "alerts/tests/evaluation/test_escapes.py",
    # What 工作台 makes of its numbers; test_api_statistics asks each database for them, and that the page has the same.
    "tracker/tests/test_home.py",
    "tracker/tests/test_home_numbers.py",
)
"""Asked of one database, as another has its share in it asked elsewhere."""


# Begun last, a long file would keep one core waiting for the other. What needs the same two zones stands together.
LONGEST = [
    f"test_{name}.py" for name in ("site", "document", "access", "worlds", "hostile", "bodies", "order", "settings")
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first. What would be answered alike is not asked again for every database: the run on SQLite
    has done it.
    """
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    if connection.vendor == "sqlite":
        return
    asking = [item for item in items if _asks_a_database(item)]
    kept = set(asking)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = asking


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files that hold nothing for this database are not even read."""
    if connection.vendor == "sqlite":
        return None
    roof = config.rootpath / "tracker"
    screens = collection_path.name in SCREENS and not collection_path.is_relative_to(roof)
    return True if screens or collection_path.as_posix().endswith(ALIKE) else None


def _asks_a_database(item: Any) -> bool:
    # A condition is as a rule that there be PostgreSQL, for a process that the test starts.
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("skipif")
    return bool(marked) or bool(DATABASE & set(item.fixturenames))


@pytest.fixture(scope="session", autouse=True)
def _quick() -> Iterator[None]:
    """What costs time by design, or once per process where a test has many clients."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A static file is looked for when it is asked for.
    with override_settings(PASSWORD_HASHERS=hashers, WHITENOISE_AUTOREFRESH=True):
        yield


PLACES = (
    {"province": ("henan", "province", "河南省", "河南", "")},
    {"city": ("zhengzhou", "city", "郑州市", "郑州", "province")},
    {
        "east": ("zzgx", "zone", "郑州高新技术产业开发区", "高新区", "city"),
        "west": ("zzjk", "zone", "郑州经济技术开发区", "经开区", "city"),
    },
    {"east_park": ("zzgx-park", "park", "高新区电子电器产业园", "电子电器园", "east")},
)
"""Level by level: code, kind, names, and the zone above."""


@dataclass
class Town:
    """Zones, departments and people, by name."""

    province: Any
    city: Any
    east: Any
    west: Any
    east_park: Any
    east_office: Any
    west_office: Any
    zhang: Any  # liaison of the east
    li: Any  # liaison of the west: a stranger to the east
    chen: Any  # coordinator of the east
    wang: Any  # coordinator of the west
    gao: Any  # leader of the east
    viewer: Any  # looks at the east
    chief: Any  # leader at the city: reads both
    city_viewer: Any
    system: Any  # administrators of the city
    security: Any
    audit: Any
    nobody: Any  # an account without any appointment
    gone: Any  # coordinator of the east whose account is closed
    root: Any  # superuser

    password = PASSWORD

    def sign_in(self, client: Client, who: str | Any) -> Client:
        """Sign `who` (a name in this cast, or a user) in, and give the client back.

        The session is all that is written: what else signing in does is asked where somebody signs in.
        """
        from django.contrib.sessions.models import Session

        user = getattr(self, who) if isinstance(who, str) else who
        told = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()}
        key, ends = get_random_string(32), timezone.now() + timedelta(days=14)
        Session.objects.create(session_key=key, session_data=Session.objects.encode(told), expire_date=ends)
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client


def person(username: str, name: str, role: str | None = None, zone: Any = None, **fields: Any) -> Any:
    """An account, appointed to a role in a zone if one is given."""
    from zones.models import Appointment

    user = _account(username, name, **fields)
    user.save()
    if role:
        Appointment.objects.create(user=user, zone=zone, role=role, starts=APPOINTED_SINCE)
    return user


def _account(username: str, name: str, **fields: Any) -> Any:
    from zones.models import User

    fields = {"is_staff": True, "password": _hashed(), **fields}
    return User(username=username, display_name=name, email=f"{username}@example.com", **fields)


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def _places() -> dict[str, Any]:
    """As `Zone.save` would leave them, in an insert for each level: nearly every test begins with them."""
    from zones.models import Zone, ZoneName

    made: dict[str, Zone] = {}
    for level in PLACES:
        for who, (code, kind, name, short_name, above) in level.items():
            parent = made.get(above)
            path = f"{parent.path if parent else '/'}{code}/"
            made[who] = Zone(code=code, kind=kind, name=name, short_name=short_name, parent=parent, path=path)
        Zone.objects.bulk_create(made[who] for who in level)
    ZoneName.objects.bulk_create(
        ZoneName(zone=each, name=each.name, short_name=each.short_name) for each in made.values()
    )
    return made


def _people(city: Any, east: Any, west: Any, office: Any) -> dict[str, Any]:
    from zones.models import Appointment, User

    people = {
        "zhang": _account("zhang", "张联络", department=office),
        "li": _account("li", "李联络"),
        "chen": _account("chen", "陈项目办"),
        "wang": _account("wang", "王项目办"),
        "gao": _account("gao", "高主任"),
        "viewer": _account("viewer", "东区查看"),
        "chief": _account("chief", "市领导"),
        "city_viewer": _account("city-viewer", "市查看"),
        "system": _account("system", "系统管理员"),
        "security": _account("security", "安全管理员"),
        "audit": _account("audit", "审计管理员"),
        "nobody": _account("nobody", "无任职"),
        "gone": _account("gone", "已离岗", is_active=False),
        "root": _account("root", "应急账号", is_superuser=True),
    }
    roles = {
        "liaison": {"zhang": east, "li": west},
        "coordinator": {"chen": east, "wang": west, "gone": east},
        "leader": {"gao": east, "chief": city},
        "viewer": {"viewer": east, "city_viewer": city},
        **{role: {role: city} for role in ("system", "security", "audit")},
    }
    User.objects.bulk_create(people.values())
    Appointment.objects.bulk_create(
        Appointment(user=people[who], zone=zone, role=role, starts=APPOINTED_SINCE)
        for role, where in roles.items()
        for who, zone in where.items()
    )
    return people


def build_town() -> Town:
    """Zones, departments and people, written now."""
    from zones.models import Department

    places = _places()
    east_office, west_office = Department.objects.bulk_create(
        [
            Department(zone=places["east"], name="高新区经济发展局", short_name="高新经发局"),
            Department(zone=places["west"], name="经开区招商局", short_name="经开招商局"),
        ]
    )
    people = _people(places["city"], places["east"], places["west"], east_office)
    return Town(east_office=east_office, west_office=west_office, **places, **people)


@pytest.fixture
def town(db: Any) -> Town:
    """The cast. Today is the real day unless a test fixes `settings.TRACKER_TODAY`."""
    return build_town()
