"""The small forms in front of the verbs of `projects.facts`."""

from projects.forms.deciding import (
    ConfirmForm,
    DeadlineForm,
    LeaveForm,
    ResumeForm,
    SuspendForm,
    TerminateForm,
)
from projects.forms.facts import (
    CloseForm,
    MarkForm,
    MoveForm,
    ProblemForm,
    ProgressForm,
    ReachForm,
    ReopenForm,
    UndoForm,
    month_ends,
)
from projects.forms.fields import FactForm, SeenForm
from projects.forms.plans import PlanForm, WithdrawForm
from projects.forms.returns import MONEY as RETURN_MONEY
from projects.forms.returns import ReopenReturnForm, ReturnForm, SendBackForm, TakeBackForm
from projects.forms.schedules import ScheduleForm

__all__ = [
    "RETURN_MONEY",
    "CloseForm",
    "ConfirmForm",
    "DeadlineForm",
    "FactForm",
    "LeaveForm",
    "MarkForm",
    "MoveForm",
    "PlanForm",
    "ProblemForm",
    "ProgressForm",
    "ReachForm",
    "ReopenForm",
    "ReopenReturnForm",
    "ResumeForm",
    "ReturnForm",
    "ScheduleForm",
    "SeenForm",
    "SendBackForm",
    "SuspendForm",
    "TakeBackForm",
    "TerminateForm",
    "UndoForm",
    "WithdrawForm",
    "month_ends",
]
