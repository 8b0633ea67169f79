"""Why a file is not read: every reason there is, with the sentence for the person who sent it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePath
from typing import Any, Final

SENTENCES: Final[dict[str, str]] = {
    # What was sent
    "empty": "“{name}”里没有文字，请确认内容后重新上传。",
    "too_large": "“{name}”超过 {most} MB；请删去图片、只留下写项目的部分，另存后再上传。",
    "too_long": "“{name}”的文字超过 {most} MB，不像一篇报道；请只截取写项目的部分，另存为 .txt 再上传。",
    "too_many_pages": "“{name}”有 {number} 页，超过 {most} 页；请只把写项目的页另存为 PDF 再上传。",
    "too_many_cells": "“{name}”的表格超过 {rows} 行或 {columns} 列；请删去多余的行列或按年份拆成几个文件再上传。",
    # What it is
    "unsupported_format": "“{name}”不是能读取的文件；请用 WPS 或 Word 打开后另存为 .docx 再上传。",
    "old_word": "“{name}”是旧版 Word 文件；请用 WPS 或 Word 打开后另存为 .docx 再上传。",
    "wps": "“{name}”是 WPS 文字专用格式；请用 WPS 打开后另存为 .docx 再上传。",
    "et": "“{name}”是 WPS 表格专用格式；请用 WPS 打开后另存为 .xlsx 再上传。",
    "sheet": "“{name}”是表格，这里读取文章；请把写项目的文字或表格复制到 Word 里，另存为 .docx 再上传。",
    "not_a_sheet": "“{name}”不是表格；请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。",
    "ofd": "“{name}”是 OFD 版式文件；请用 OFD 阅读器或 WPS 打开后另存为带文字的 .pdf 再上传。",
    "slides": "“{name}”是演示文稿；请把文字复制到 Word 里，另存为 .docx 再上传。",
    "picture": "“{name}”是图片，读不出文字；请用 WPS 的“图片转文字”转换、核对后另存为 .docx 再上传。",
    "scan": "“{name}”是扫描件，里面只有图片没有文字；请用 WPS 的“PDF 转 Word”转换、核对后另存为 .docx 再上传。",
    "archive": "“{name}”是压缩包；请解压后把里面的文件逐个上传。",
    "program": "“{name}”是程序文件，不能上传；请上传 .docx、.pdf、.txt 或保存的网页。",
    "wrong_extension": "“{name}”其实是{what}；请把文件名的结尾改为 {ending} 再上传。",
    "encoding": "“{name}”的文字编码无法识别；请用记事本打开后另存为 UTF-8 编码的 .txt 再上传。",
    "garbled": "“{name}”里的文字是乱码（字体没有对照表）；请用 WPS 的“PDF 转 Word”转换、核对后另存为 .docx 再上传。",
    # What is in it
    "encrypted": "“{name}”设有密码；请打开后取消密码，另存一份再上传。",
    "macro": "“{name}”带有宏；请另存为不带宏的 .docx 或 .xlsx 再上传。",
    "embedded": "“{name}”里嵌有别的文件（如 Excel 对象或压缩包）；请删去嵌入的对象，另存后再上传。",
    "external": "“{name}”的数据连着别的工作簿；请把公式粘贴为数值、断开链接，另存后再上传。",
    "doctype": "“{name}”里有不该有的外部定义，可能是伪造的文件；请用 WPS 或 Word 打开后另存为 .docx 再上传。",
    "bomb": "“{name}”解开后大得不正常；请用 WPS 或 Word 打开，只留下写项目的部分，另存后再上传。",
    "damaged": "“{name}”打不开，文件可能已损坏；请用 WPS 或 Word 打开后另存一份再上传，打不开的请重新取得原文件。",
    # What became of reading it
    "too_slow": "“{name}”读取超时，内容太复杂；请只留下写项目的部分，另存为 .docx 或 .txt 再上传。",
    "too_heavy": "“{name}”内容太多，读取时内存不够；请只留下写项目的部分，另存为 .docx 或 .txt 再上传。",
    "interrupted": "“{name}”读到一半中断了；请再上传一次，仍然不行的请另存为 .docx 或 .txt 再上传。",
}

OF_SHEETS: Final[dict[str, str]] = {
    "empty": "“{name}”里没有内容，请确认后重新上传。",
    "unsupported_format": "“{name}”不是能读取的表格；请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。",
    "picture": "“{name}”是图片，读不出表格；请用 WPS 的“图片转表格”转换、核对后另存为 .xlsx 再上传。",
    "program": "“{name}”是程序文件，不能上传；请上传 .xlsx、.xls、.ods 或 .csv。",
    "encoding": "“{name}”的文字编码无法识别；请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。",
    "macro": "“{name}”带有宏；请另存为不带宏的 .xlsx 再上传。",
    "doctype": "“{name}”里有不该有的外部定义，可能是伪造的文件；请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。",
    "bomb": "“{name}”解开后大得不正常；请用 WPS 或 Excel 打开，只留下台账的工作表，另存后再上传。",
    "damaged": "“{name}”打不开，文件可能已损坏；请用 WPS 或 Excel 打开后另存一份再上传，打不开的请重新取得原文件。",
    "too_slow": "“{name}”读取超时，内容太复杂；请只留下台账的工作表，另存为 .xlsx 再上传。",
    "too_heavy": "“{name}”内容太多，读取时内存不够；请只留下台账的工作表，另存为 .xlsx 再上传。",
    "interrupted": "“{name}”读到一半中断了；请再上传一次，仍然不行的请另存为 .xlsx 再上传。",
}
"""What is said otherwise of a ledger."""

_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
LONGEST_NAME: Final = 60  # characters of a file's name that a sentence repeats


class Trouble(Exception):
    """Reading cannot go on. `code` is one of SENTENCES, `told` fills its blanks. Stays inside this room."""

    def __init__(self, code: str, **told: Any) -> None:
        super().__init__(code)
        self.code = code
        self.told = told


class Refused(Exception):
    """A file that is not read. `code` is for programs, `sentence` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence

    @classmethod
    def of(cls, trouble: Trouble, name: str, *, sheets: bool = False) -> Refused:
        """The refusal of a file; `sheets`: of a ledger."""
        blanks = defaultdict(str, {**trouble.told, "name": shown(name)})
        sentences = SENTENCES | OF_SHEETS if sheets else SENTENCES
        return cls(trouble.code, sentences[trouble.code].format_map(blanks))


def shown(name: str) -> str:
    """A file's name as a sentence repeats it: without folders and unseen characters, the middle of a long one cut."""
    plain = _UNSEEN.sub("", PurePath(name.replace("\\", "/")).name)
    half = LONGEST_NAME // 2
    return plain if len(plain) <= LONGEST_NAME else f"{plain[:half]}…{plain[-half:]}"
