"""What every command of ours does alike: helps in Chinese, answers people or programs, fails in one sentence."""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, ClassVar, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError

from zones.models import Zone

# What every command of Django's takes, in the words of ours.
COMMON = {
    "help": "显示这段说明",
    "version": "显示 Django 版本",
    "verbosity": "输出的详细程度：0 最少，1 一般，2 详细，3 最详细",
    "settings": "设置模块，一般不用填写",
    "pythonpath": "另外查找程序的文件夹，一般不用填写",
    "traceback": "出错时显示程序的调用过程",
    "no_color": "输出不带颜色",
    "force_color": "输出总带颜色",
    "skip_checks": "跳过系统检查",
}
NO_DATABASE = "数据库不可用或尚未建表，请检查 DATABASE_URL 并先运行 migrate"


class ChineseHelp(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """The frame around the help in Chinese; examples keep their lines."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：")

    def start_section(self, heading: str | None) -> None:
        super().start_section("选项" if heading == "options" else "参数")


class AnsweringCommand(BaseCommand):
    """A command with `--format text|json`. A failure ends it with a non-zero code: a sentence, or an error object."""

    as_json = False
    examples: ClassVar[str] = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs = {"formatter_class": ChineseHelp, "epilog": self.examples, **kwargs}
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        for action in parser._actions:
            action.help = COMMON.get(action.dest, action.help)
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--format", choices=["text", "json"], default="text", help="输出格式：text 文字（默认），json 供程序读取"
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.as_json = options["format"] == "json"
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            self.refuse("database", f"{NO_DATABASE}：{first_line(error)}")

    def answer(self, data: Any) -> None:
        """Print `data` as one line of JSON."""
        self.stdout.write(json.dumps(data, ensure_ascii=False))

    def zone(self, text: str) -> Zone:
        """The zone of that code, full or short name; ends the command where there is none, or more than one."""
        found = list(Zone.objects.filter(code=text)) or list(Zone.objects.named(text)[:2])
        if not found:
            self.refuse("unknown_zone", f"没有“{text}”这个区域：请填写区域的代号、全称或简称")
        if len(found) > 1:
            self.refuse("ambiguous_zone", f"有几个区域都叫“{text}”：请改用代号")
        return found[0]

    def refuse(self, code: str, message: str) -> NoReturn:
        """End the command: `{"error": {"code", "message"}}` for programs, the message on stderr for people."""
        if not self.as_json:
            raise CommandError(message)
        self.answer({"error": {"code": code, "message": message}})
        raise SystemExit(1)


def first_line(error: Exception) -> str:
    """What a database says of its trouble, without the statement behind it."""
    return str(error).strip().partition("\n")[0]
