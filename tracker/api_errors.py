"""The page that the `type` of every refusal points at: each code, and what to do about it.

Open to everybody: who cannot sign in is to find here why. It tells nothing of any row.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zones.scoped.problems import CODES

ADVICE: Final[dict[str, str]] = {
    "invalid": "按 errors 里逐项的提示改正后再提交。引用的记录（如部门、项目）不存在或您看不到时，也是这个代号。",
    "unknown_parameter": "去掉 errors 里列出的参数，或改成其中列出的可用参数。写错的参数不会被忽略，以免返回全部数据。",
    "not_signed_in": "在请求头 Authorization 里写 Bearer 和令牌；令牌已作废、账号已停用时请重新申请。",
    "token_expired": "令牌到期，请在“接口令牌”里新建一个，换到使用它的系统里。",
    "forbidden": "令牌只能读取，或这个账号无权这样做。需要时请联系项目办或安全管理员。",
    "not_found": "核对地址和 id，地址都以 / 结尾。记录不在您的查看范围之内时，也是这个代号。",
    "method_not_allowed": "这个地址不支持这种请求方法，支持的见响应头 Allow。",
    "not_acceptable": "把请求头 Accept 写成 application/json，或不写。",
    "conflict": "与现有数据冲突，请重新读取后核对。",
    "version_stale": "您读取之后，记录已有变化：请重新读取，核对后用新的 ETag 再提交。",
    "version_required": "请先读取记录，把响应头 ETag 的值放进请求头 If-Match 再提交。",
    "too_large": "请减少内容，或分几次提交。",
    "unsupported_media": "提交的内容应为 JSON，并写明 Content-Type: application/json。",
    "unprocessable": "内容可以读懂，但疑似有误（如单位写错）：请核对；确认无误的，按提示注明后再提交。",
    "throttled": "请求过于频繁：请等响应头 Retry-After 所写的秒数后再试。",
    "server_error": "系统出错，已有记录。反复出现时，请把 request_id 告诉系统管理员。",
    "unavailable": "数据库等暂时不可用：请稍后重试，写入的内容没有保存。",
    "schema_outdated": "系统正在升级：请稍后重试，长时间不恢复请联系系统管理员。",
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every code with its status, its title and what to do."""
    rows = [(code, status, title, ADVICE[code]) for code, (status, title) in CODES.items()]
    return render(request, "api_errors.html", {"rows": rows})
