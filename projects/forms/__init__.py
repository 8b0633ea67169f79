"""The small forms in front of the verbs of `projects.facts`."""

from projects.forms.deciding import (
    ConfirmForm,
    DeadlineForm,
    LeaveForm,
    PlanForm,
    ResumeForm,
    SuspendForm,
    TerminateForm,
)
from projects.forms.facts import (
    CloseForm,
    MoveForm,
    ProblemForm,
    ProgressForm,
    ReachForm,
    ReopenForm,
    UndoForm,
    month_ends,
)
from projects.forms.fields import FactForm

__all__ = [
    "CloseForm",
    "ConfirmForm",
    "DeadlineForm",
    "FactForm",
    "LeaveForm",
    "MoveForm",
    "PlanForm",
    "ProblemForm",
    "ProgressForm",
    "ReachForm",
    "ReopenForm",
    "ResumeForm",
    "SuspendForm",
    "TerminateForm",
    "UndoForm",
    "month_ends",
]
