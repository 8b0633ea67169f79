"""One cast for all tests: two zones of one city, and the people in them.

`town.east` is 高新区 with its own people; `town.west` is the neighbour whose rows nobody of the east may meet.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client

APPOINTED_SINCE = date(2020, 1, 1)
PASSWORD = "Test-2023-gaoxin"
BACKEND = "django.contrib.auth.backends.ModelBackend"


DATABASE = {"db", "transactional_db", "live_server"}  # fixtures
SCREENS = {"test_page.py", "test_pages.py", "test_screen.py", "test_screens.py"}
"""What a room's pages show is asked once; that every page opens is asked of both databases, by `tracker`."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What would be answered alike is not asked again for every database: the run on SQLite has done it."""
    if connection.vendor == "sqlite":
        return
    asking = [item for item in items if _asks_a_database(item) and not _shows_a_page(item)]
    kept = set(asking)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = asking


def _shows_a_page(item: Any) -> bool:
    return item.path.name in SCREENS and "projects" in item.path.parts


def _asks_a_database(item: Any) -> bool:
    # A condition is as a rule that there be PostgreSQL, for a process that the test starts.
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("skipif")
    return bool(marked) or bool(DATABASE & set(item.fixturenames))


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
        """Sign `who` (a name in this cast, or a user) in, and give the client back."""
        client.force_login(getattr(self, who) if isinstance(who, str) else who, backend=BACKEND)
        return client


def _zone(code: str, kind: str, name: str, short_name: str, parent: Any = None) -> Any:
    from zones.models import Zone

    return Zone.objects.create(code=code, kind=kind, name=name, short_name=short_name, parent=parent)


def person(username: str, name: str, role: str | None = None, zone: Any = None, **fields: Any) -> Any:
    """An account, appointed to a role in a zone if one is given."""
    from zones.models import Appointment, User

    fields = {"is_staff": True, "password": make_password(PASSWORD), **fields}
    user = User.objects.create(username=username, display_name=name, email=f"{username}@example.com", **fields)
    if role:
        Appointment.objects.create(user=user, zone=zone, role=role, starts=APPOINTED_SINCE)
    return user


def _places() -> dict[str, Any]:
    province = _zone("henan", "province", "河南省", "河南")
    city = _zone("zhengzhou", "city", "郑州市", "郑州", province)
    east = _zone("zzgx", "zone", "郑州高新技术产业开发区", "高新区", city)
    west = _zone("zzjk", "zone", "郑州经济技术开发区", "经开区", city)
    park = _zone("zzgx-park", "park", "高新区电子电器产业园", "电子电器园", east)
    return {"province": province, "city": city, "east": east, "west": west, "east_park": park}


def _people(city: Any, east: Any, west: Any, office: Any) -> dict[str, Any]:
    return {
        "zhang": person("zhang", "张联络", "liaison", east, department=office),
        "li": person("li", "李联络", "liaison", west),
        "chen": person("chen", "陈项目办", "coordinator", east),
        "wang": person("wang", "王项目办", "coordinator", west),
        "gao": person("gao", "高主任", "leader", east),
        "viewer": person("viewer", "东区查看", "viewer", east),
        "chief": person("chief", "市领导", "leader", city),
        "city_viewer": person("city-viewer", "市查看", "viewer", city),
        "system": person("system", "系统管理员", "system", city),
        "security": person("security", "安全管理员", "security", city),
        "audit": person("audit", "审计管理员", "audit", city),
        "nobody": person("nobody", "无任职"),
        "gone": person("gone", "已离岗", "coordinator", east, is_active=False),
        "root": person("root", "应急账号", is_superuser=True),
    }


def build_town() -> Town:
    """Zones, departments and people, written now."""
    from zones.models import Department

    places = _places()
    east_office = Department.objects.create(zone=places["east"], name="高新区经济发展局", short_name="高新经发局")
    west_office = Department.objects.create(zone=places["west"], name="经开区招商局", short_name="经开招商局")
    people = _people(places["city"], places["east"], places["west"], east_office)
    return Town(east_office=east_office, west_office=west_office, **places, **people)


@pytest.fixture
def town(db: Any) -> Town:
    """The cast. Today is the real day unless a test fixes `settings.TRACKER_TODAY`."""
    return build_town()
