"""Where the demonstration may be filled in, and where never."""

from __future__ import annotations

from django.conf import settings

from tracker.demonstration import files
from zones.models import User, Zone


class Refused(Exception):
    """The demonstration set must not go into this database. The message is Chinese, for the operator."""


def check() -> None:
    """Raise `Refused` unless this is a demonstration with an empty database, or one that we filled before."""
    if not (settings.DEBUG or settings.TRACKER_DEMO):
        raise Refused("这里不是演示环境：确需写入演示数据，请先设置环境变量 TRACKER_DEMO=true")
    if not _filled_before() and _in_use():
        raise Refused("数据库里已有正式数据，不能写入演示数据：请换一个空库（DATABASE_URL）")


def _filled_before() -> bool:
    # The accounts come first and in one transaction with the zones, so they tell even of a run that was cut off.
    names = [person["username"] for person in files.load("demonstration/people.json")["people"]]
    return User._base_manager.filter(username__in=names, is_demo=True).exists()


def _in_use() -> bool:
    return User._base_manager.exists() or Zone._base_manager.exists()
