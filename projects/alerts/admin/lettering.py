"""The small forms in front of the verbs of letters: what is told of one, agreed to, sent back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from projects.admin.telling import user_of
from projects.alerts.admin.stepping import AlertAct, SeenForm, handing, lines_field, remark_field
from projects.alerts.letters import issuing, replying
from projects.alerts.letters.holding import may_draft, may_issue, may_reply
from projects.alerts.models import Letter, LetterKind, LetterReply
from projects.alerts.models.letter import NAME
from projects.files.fields import FilesField
from projects.forms.fields import HourInput, day_field
from projects.models import Problem
from projects.notices.replying import register
from zones import clock

State = Letter.State


# ---- Forms -------------------------------------------------------------------------------------------
class LetterForm(SeenForm):
    """`version` is that of the letter when the page was opened."""

    incomplete = "页面不完整，请回到函件重新填写"
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changed(self) -> str:
        return f"这件函件刚有变化，现为“{self.row.get_state_display()}”，请核对后再提交"


class IssueForm(LetterForm):
    """签发; asked once more where an alert of it is closed meanwhile."""

    sure = forms.BooleanField(label="仍然签发", required=False, widget=UnfoldBooleanSwitchWidget)

    def prepare(self) -> None:
        super().prepare()
        self.doubtful = bool(issuing.closed_since(self.row))

    def changed(self) -> str:
        return "函件刚被修改，请返回核对后再签发"


class ReasonForm(LetterForm):
    """退回, 作废, 撤回, 办结: why."""

    reason = remark_field("原因")


class WordsForm(LetterForm):
    """审核通过: with a remark, if there is one."""

    words = remark_field("意见（可不填）", required=False)


class ReplyForm(LetterForm):
    """反馈单, in the order of the field's own paper. A slip that was sent back is there to be mended."""

    category = forms.ChoiceField(
        label="原因类别", choices=[("", "请选择"), *Problem.Category.choices], widget=UnfoldAdminSelectWidget
    )
    cause = lines_field("原因", "卡在哪里、为什么")
    measures = lines_field("已采取的措施", "已经做了什么")
    plan = lines_field("整改计划", "一行一个节点，写明时间")
    responsible = forms.CharField(label="整改责任人", max_length=NAME, widget=UnfoldAdminTextInputWidget)
    expected_on = day_field("预计恢复日期")
    help_needed = lines_field("请求协调事项（可不填）", "需要谁帮助解决什么", required=False)
    files: Any = FilesField("佐证材料（可不传）")

    def prepare(self) -> None:
        super().prepare()
        self.fields["responsible"].initial = str(self.user)
        last = replying.latest(self.row)
        if last and last.state == LetterReply.State.RETURNED:
            for name in replying.SLIP:
                self.fields[name].initial = getattr(last, name)


class TalkForm(LetterForm):
    """约谈记录, in the order of the field's own paper; what the letter says of it is filled in."""

    held_on = day_field("约谈日期")
    held_at = forms.TimeField(label="约谈时间", required=False, widget=HourInput)
    talker = forms.CharField(label="约谈人", max_length=NAME, widget=UnfoldAdminTextInputWidget)
    talked = forms.CharField(label="被约谈人", max_length=NAME, widget=UnfoldAdminTextInputWidget)
    matter = lines_field("事由", rows=3)
    pledge = lines_field("表态和承诺", "承诺做到什么", rows=3)
    until = day_field("承诺期限")

    def prepare(self) -> None:
        super().prepare()
        letter: Letter = self.row
        last = letter.talks.order_by("-pk").first()
        known = {
            "held_on": min(letter.talk_on, clock.today()) if letter.talk_on else clock.today(),
            "held_at": letter.talk_at,
            "talker": letter.talker,
            "talked": letter.talked,
            "matter": letter.title,
        }
        for name in ("held_on", "held_at", "talker", "talked", "matter", "pledge", "until"):
            self.fields[name].initial = getattr(last, name) if last else known.get(name)


# ---- What each does ----------------------------------------------------------------------------------
def _issue(request: HttpRequest, letter: Letter, form: Any) -> str:
    told = form.cleaned_data
    done = issuing.issue(letter, by=user_of(request), sure=told["sure"], expected_version=told["version"])
    return f"已签发，编号 {done.code}，已通知主送单位和有关人员"


def _reply(request: HttpRequest, letter: Letter, form: Any) -> str:
    told = dict(form.cleaned_data)
    said = replying.reply(letter, by=user_of(request), expected_version=told.pop("version"), **told)
    return f"已提交第 {said.number} 次反馈，待项目办审核；审核通过后函件办结，预警随之登记答复"


def _in(*states: str) -> Callable[[Letter], bool]:
    return lambda letter: letter.state in states


def _before_issuing(letter: Letter) -> str:
    over = issuing.closed_since(letter)
    asked = f"请留意：{issuing.said_of(over)}。" if over else ""
    return f"签发后编号、定稿，随即通知主送单位，不能再修改。{asked}"


def _slip(letter: Letter) -> str:
    last = replying.latest(letter)
    if last and last.state == LetterReply.State.RETURNED:
        return f"上次反馈被退回：{last.decision}。请在下面修改后重报，时限 {letter.reply_by:%Y-%m-%d}。"
    return f"反馈时限 {letter.reply_by:%Y-%m-%d}。审核通过后，这份反馈单登记为所涉预警的答复。"


def _waiting(letter: Letter) -> str:
    last = replying.latest(letter)
    if last is None:
        return ""
    said = f"{last.get_category_display()}，{last.cause}；措施：{last.measures}；计划：{last.plan}"
    return f"{last.by} {last.on:%Y-%m-%d} 第{last.number}次反馈：{said}；预计 {last.expected_on:%Y-%m-%d} 恢复。"


def _is_over(letter: Letter) -> bool:
    return letter.is_unanswered and not issuing.open_still(letter).exists()


def _is_talk(letter: Letter) -> bool:
    return letter.kind == LetterKind.TALK and letter.state in (*Letter.OUTSTANDING, State.DONE)


DRAFTS: Final = _in(*Letter.DRAFTS)
SUBMIT: Final = AlertAct(
    *("submit", "送签", "送领导签发", LetterForm, handing(issuing.submit, "已送签，待领导签发")),
    hint=lambda letter: "送签前请核对全文。送签后仍可修改，直到领导签发。",
    fits=_in(State.DRAFT),
    after_the_end=True,
    who=may_draft,
)
ISSUE: Final = AlertAct(
    *("issue", "签发", "签发", IssueForm, _issue, _before_issuing), fits=DRAFTS, after_the_end=True, who=may_issue
)
SEND_BACK: Final = AlertAct(
    *("send-back", "退回修改", "退回", ReasonForm, handing(issuing.send_back, "已退回，项目办修改后再送签")),
    fits=_in(State.SUBMITTED),
    after_the_end=True,
    who=may_issue,
)
DROP: Final = AlertAct(
    *("drop", "作废", "作废", ReasonForm, handing(issuing.drop, "草稿已作废，不占编号")),
    fits=DRAFTS,
    after_the_end=True,
    who=may_draft,
)
RECEIVE: Final = AlertAct(
    *("receive", "签收", "签收", LetterForm, handing(replying.receive, "已签收，请按时限反馈")),
    fits=_in(State.ISSUED),
    after_the_end=True,
    who=may_reply,
)
REPLY: Final = AlertAct(
    *("reply", "反馈", "提交反馈单", ReplyForm, _reply, _slip),
    fits=_in(*Letter.UNANSWERED),
    after_the_end=True,
    who=may_reply,
)
ACCEPT: Final = AlertAct(
    *("accept", "审核通过", "审核通过", WordsForm),
    handing(replying.accept, "已审核通过，函件办结，反馈单已登记为所涉预警的答复"),
    hint=_waiting,
    fits=_in(State.REPLIED),
    after_the_end=True,
    who=may_draft,
)
RETURN: Final = AlertAct(
    *("return", "退回重报", "退回", ReasonForm, handing(replying.send_back, "已退回，请责任单位重报，时限不变")),
    hint=_waiting,
    fits=_in(State.REPLIED),
    after_the_end=True,
    who=may_draft,
)
TALK: Final = AlertAct(
    *("talk", "约谈记录", "保存记录", TalkForm, handing(replying.record_talk, "约谈记录已保存，已通知被约谈单位")),
    fits=_is_talk,
    after_the_end=True,
    who=may_draft,
)
FINISH: Final = AlertAct(
    *("finish", "预警已解除，办结", "办结", ReasonForm, handing(replying.finish, "已办结，不必再反馈")),
    hint=lambda letter: "所涉预警已全部解除，可以不待反馈直接办结。",
    fits=_is_over,
    after_the_end=True,
    who=may_draft,
)
WITHDRAW: Final = AlertAct(
    *("withdraw", "撤回", "撤回", ReasonForm, handing(issuing.withdraw, "已撤回，已通知主送单位；编号和原件保留")),
    fits=_in(*Letter.OUTSTANDING),
    after_the_end=True,
    who=may_issue,
)
ON_LETTERS: Final = (
    *(ISSUE, SUBMIT, RECEIVE, REPLY, ACCEPT, RETURN),
    *(TALK, FINISH, SEND_BACK, WITHDRAW, DROP),
)
register(Letter, RECEIVE, REPLY)
