"""create_token: let another system sign in as a person."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError

from zones.commands import AnsweringCommand
from zones.models import ApiToken, User
from zones.models.token import LONGEST


class Command(AnsweringCommand):
    help = "为一个账号建立接口令牌；令牌只显示这一次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="用户名")
        parser.add_argument("--name", default="命令行建立", help="令牌给哪个系统用")
        parser.add_argument("--days", type=int, default=90, help=f"有效天数，1 到 {LONGEST}（默认 90）")
        parser.add_argument("--write", action="store_true", help="也可以写入；不加则只能读取")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            self.refuse("no_user", f"没有用户名为“{options['username']}”的在用账号")
        try:
            token, key = ApiToken.issue(user, options["name"], days=options["days"], may_write=options["write"])
        except ValidationError as error:
            self.refuse("invalid", "；".join(error.messages))
        if self.as_json:
            self.answer({"token": key, "expires_at": token.expires_at.isoformat()})
        else:
            self.stdout.write(key)
