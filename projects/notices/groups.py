"""What kinds of notices there are for a person who decides how he is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Group:
    """Kinds of which a person decides at once. `fixed` says why he may not: everybody is mailed those."""

    code: str
    label: str
    kinds: tuple[str, ...]
    fixed: str = ""


GROUPS: Final = (
    Group("grave", "红色预警、预警升级", ("red", "worsened"), "红色预警和升级须本人知悉"),
    Group("rising", "催办、待上报、上报", ("催办", "待上报", "上报", "逾期未兑现", "再次发出"), "逾期不办会逐级上报"),
    Group("letter", "提醒函、督办函、约谈通知", ("提醒函", "督办函", "约谈通知"), "公文须签收"),
    Group("system", "系统运行、待确认", ("系统运行", "待确认"), "无人处理会影响所有人"),
    Group("mild", "橙色、黄色预警和临近时限", ("orange", "yellow", "deadline")),
    Group("better", "预警减轻、解除", ("eased", "closed")),
    Group("decision", "议定事项", ("decision",)),
    Group("meeting", "周例会、会议纪要、周报", ("meeting",)),
    Group("other", "其他（答复、豁免、销号的办理情况等）", ()),
)
BY_CODE: Final = {group.code: group for group in GROUPS}
_BY_KIND: Final = {kind: group for group in GROUPS for kind in group.kinds}
TO_DO: Final = "须由您办理的事项，不论类别，都会发送"


def group_of(kind: str) -> Group:
    """The group of a kind; what nobody has named here is of the last one."""
    return _BY_KIND.get(kind, BY_CODE["other"])


def is_mandatory(notice: Any) -> bool:
    """Whether a notice (or the draft of one) is mailed whatever the reader has chosen: by its kind, or because he is
    asked to do something.
    """
    return bool(notice.todo or group_of(notice.kind).fixed)


WORST_FIRST: Final = (
    *("red", "worsened", "再次发出", "上报", "约谈通知", "督办函", "orange", "逾期未兑现", "催办", "待上报", "提醒函"),
    *("yellow", "deadline", "待确认", "系统运行", "decision", "meeting", "eased", "closed"),
)
_PLACES: Final = {kind: place for place, kind in enumerate(WORST_FIRST)}


def worst_first(notice: Any) -> tuple[bool, int, str, int]:
    """The order of notices in a message: the urgent, then by kind, then as they were left."""
    place = _PLACES.get(notice.kind, len(WORST_FIRST))
    return not notice.urgent, place, notice.kind_label, notice.pk
