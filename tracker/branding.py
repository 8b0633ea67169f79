"""How the officials' screens present themselves: title, colours, side bar."""

from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _item(
    title: str, icon: str, name: str, allowed: Callable[[Any], bool] | None = None, *, but: str = ""
) -> dict[str, Any]:
    """A side-bar line. It is marked on every page below its address, except `but`, which has a line of its own."""
    item = {"title": title, "icon": icon, "link": reverse_lazy(name), "permission": allowed or _may_open(name)}
    return item | {"active": _stands_below(name, but)} if but else item


def _stands_below(name: str, but: str) -> Callable[[Any], bool]:
    return lambda request: request.path.startswith(reverse(name)) and not request.path.startswith(reverse(but))


def _may_fill(request: Any) -> bool:
    """Whether a person may have returns to fill in."""
    from projects.models import Return
    from zones.scoped.querysets import may_write_somewhere

    return may_write_somewhere(Return, request.user)


def _may_tell(request: Any) -> bool:
    """Whether a person may have projects whose week he tells."""
    from projects.meetings.models import Update
    from zones.scoped.querysets import may_write_somewhere

    return may_write_somewhere(Update, request.user)


def _may_send(request: Any) -> bool:
    """Whether a person may send files to be read."""
    from projects.intake.models import Upload
    from zones.scoped.querysets import may_write_somewhere

    return may_write_somewhere(Upload, request.user)


def _may_operate(request: Any) -> bool:
    """Whether a person looks after the system somewhere."""
    from zones.permissions import Action, may

    return may(request.user, Action.ADMINISTER_ACCOUNTS)


def _may_read(request: Any) -> bool:
    """Whether a person reads business data anywhere."""
    from zones.permissions import Action, paths

    return bool(paths(request.user, Action.READ))


def environment(request: Any) -> list[str] | None:
    """The badge in the head of every page of a demonstration."""
    from django.conf import settings

    return ["演示环境", "warning"] if settings.TRACKER_DEMO else None


def _may_open(name: str) -> Callable[[Any], bool]:
    """Whether a signed-in person may open the list behind a side-bar line; asked again for each page."""

    def allowed(request: Any) -> bool:
        from django.contrib import admin

        if not name.endswith("_changelist"):
            return True
        label = name.removeprefix("admin:").removesuffix("_changelist")
        for model, model_admin in admin.site._registry.items():
            if f"{model._meta.app_label}_{model._meta.model_name}" == label:
                return model_admin.has_view_permission(request)
        return False

    return allowed


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "三个一批项目跟踪",
    "SITE_HEADER": "三个一批项目跟踪",
    "SITE_SUBHEADER": "签约 · 开工 · 投产",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("tracker/favicon.svg")},
    ],
    "SITE_SYMBOL": "domain_add",
    "SITE_URL": None,  # there is no other site to go back to
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "tracker.branding.environment",
    "DASHBOARD_CALLBACK": "tracker.home.dashboard",
    "STYLES": [lambda request: static("tracker/tracker.css")],
    "SCRIPTS": [lambda request: static("tracker/files.js")],
    "COLORS": {
        "primary": {
            "50": "240 246 255",
            "100": "221 234 254",
            "200": "190 214 252",
            "300": "145 186 249",
            "400": "94 150 243",
            "500": "52 113 230",
            "600": "30 84 196",
            "700": "24 67 160",
            "800": "25 58 132",
            "900": "26 52 110",
            "950": "18 34 72",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "日常",
                "items": [
                    _item("工作台", "dashboard", "admin:index"),
                    _item("我的待办", "checklist", "admin:projects_alerts_todo", _may_read),
                    _item("项目", "apartment", "admin:projects_project_changelist"),
                    _item("月报填报", "edit_note", "admin:projects_return_fill", _may_fill),
                    _item("月报审核", "fact_check", "admin:projects_return_review", _may_read),
                    _item(
                        *("预警", "warning", "admin:projects_alerts_alert_changelist"),
                        but="admin:projects_alerts_todo",
                    ),
                    _item("函件", "mail", "admin:projects_alerts_letter_changelist"),
                    _item("问题", "report_problem", "admin:projects_problem_changelist"),
                    _item("我的通知", "notifications", "admin:projects_notices_notice_changelist"),
                    _item("待确认的通知", "front_hand", "admin:projects_notices_hold_changelist"),
                ],
            },
            {
                "title": "周例会",
                "items": [
                    _item("周例会", "groups_2", "admin:projects_meetings_meeting_changelist"),
                    _item("我的周报", "edit_calendar", "admin:projects_meetings_update_week", _may_tell),
                    _item("议定事项", "task_alt", "admin:projects_meetings_decision_changelist"),
                    _item("会议纪要", "article", "admin:projects_meetings_minutes_changelist"),
                    _item("议题", "campaign", "admin:projects_meetings_topic_changelist"),
                ],
            },
            {
                "title": "数据",
                "items": [
                    _item("进展", "trending_up", "admin:projects_progress_changelist"),
                    _item("年度投资计划", "event_note", "admin:projects_annualplan_changelist"),
                    _item("节点", "flag", "admin:projects_milestone_changelist"),
                    _item("入批", "playlist_add_check", "admin:projects_entry_changelist"),
                    _item("分包责任", "assignment_ind", "admin:projects_assignment_changelist"),
                    _item("停缓建", "pause_circle", "admin:projects_suspension_changelist"),
                    _item(
                        *("报道", "newspaper", "admin:projects_reports_report_changelist"),
                        but="admin:projects_reports_report_upload",
                    ),
                    _item("上传报道", "upload_file", "admin:projects_reports_report_upload", _may_send),
                    _item(
                        *("台账", "table_view", "admin:projects_ledgers_ledger_changelist"),
                        but="admin:projects_ledgers_ledger_upload",
                    ),
                    _item("上传台账", "upload", "admin:projects_ledgers_ledger_upload", _may_send),
                    _item("报表导出", "table_chart", "admin:projects_ledgers_dispatch_tables", _may_read),
                    _item(
                        *("报送记录", "outbox", "admin:projects_ledgers_dispatch_changelist"),
                        but="admin:projects_ledgers_dispatch_tables",
                    ),
                    _item("来源", "description", "admin:projects_source_changelist"),
                    _item("说法", "format_quote", "admin:projects_claim_changelist"),
                    _item("企业", "business", "admin:projects_company_changelist"),
                    _item("月末定格", "event_available", "admin:projects_standingmonth_changelist"),
                ],
            },
            {
                "title": "规则与基础",
                "collapsible": True,
                "items": [
                    _item("例会安排", "event_repeat", "admin:projects_meetings_arrangement_changelist"),
                    _item("发文设置", "edit_document", "admin:projects_alerts_letterhead_changelist"),
                    _item("预警豁免", "do_not_disturb_on", "admin:projects_alerts_exemption_changelist"),
                    _item("预警规则", "rule", "admin:projects_alerts_rule_changelist"),
                    _item("倒排模板", "event_upcoming", "admin:projects_scheduletemplate_changelist"),
                    _item("判定记录", "fact_check", "admin:projects_alerts_scanrun_changelist"),
                    _item("聊天工具", "forum", "admin:projects_notices_outlet_changelist"),
                    _item("发送情况", "outgoing_mail", "admin:projects_notices_delivery_operating", _may_operate),
                    _item("文件接收记录", "inventory", "admin:projects_intake_upload_changelist"),
                    _item("后台任务", "pending_actions", "admin:projects_jobs_job_changelist"),
                    _item("活动", "celebration", "admin:projects_series_changelist"),
                    _item("期次", "calendar_month", "admin:projects_period_changelist"),
                    _item("区域", "account_tree", "admin:zones_zone_changelist"),
                    _item("责任单位", "groups", "admin:zones_department_changelist"),
                    _item("用户", "person", "admin:zones_user_changelist"),
                    _item("接口令牌", "key", "admin:zones_apitoken_changelist"),
                    _item("任职", "badge", "admin:zones_appointment_changelist"),
                    _item("调休安排", "edit_calendar", "admin:zones_workdayoverride_changelist"),
                ],
            },
        ],
    },
}
