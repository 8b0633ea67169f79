"""Saved web pages: the article, its title and its day; navigation, advertisements, comments and the like left out."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lxml import etree, html

from projects.intake import decoding
from projects.intake.formats import lines
from projects.intake.formats.elements import unread
from projects.intake.refusals import Trouble

_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_HEAD: Final = 8192  # bytes in which a page says how it is written

_FURNITURE: Final = re.compile(
    "aside|audio|button|canvas|dialog|embed|footer|form|head|iframe|input|map|menu|nav|noscript|object|script|select|"
    "style|svg|template|textarea|video"
)
_NAMED: Final = re.compile(
    r"(?:^|[-_\s])(?:nav(?:bar|igation)?|menu|breadcrumbs?|crumbs?|footer|foot|sidebar|side|aside|related|relevant|"
    r"recommend(?:ed|ation)?s?|tuijian|xgxw|comments?|pinglun|liuyan|share|bdshare|social|ads?|advert\w*|guanggao|"
    r"copyright|banner|hot|rank(?:ing)?|login|search|pager?|pagination|toolbar|tools?|qrcode|popup|modal|"
    r"print|prev(?:ious)?|next|friendlink|links?|weizhi|position|location|location-?bar|daohang)(?:$|[-_\s\d])",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(
    r"article|content|TRS_Editor|zoom|js_content|rich_media_content|main-?text|detail|news_?text|conTxt|entry|post|txt|"
    r"UCAP-CONTENT|zhengwen|neirong",
    re.IGNORECASE,
)
_WORDS_OF_FURNITURE: Final = re.compile(
    r"(?:当前位置|您(?:现在|当前)?的?位置|首页\s*[>»›]|上一[篇条页]|下一[篇条页]|"
    r"(?<![\w、，])【?(?:打印|关闭)(?:窗口|[本此]页|文章)?】?(?![\w、，])|(?:打印|关闭)(?:窗口|[本此]页)|"
    r"分享到|扫一扫|相关(?:阅读|链接|新闻|文章|推荐)|延伸阅读|热门(?:推荐|文章|评论)|责任编辑|网友评论|发表评论|版权所有|"
    r"字[号体][:：]|【?字体|阅读原文|点击(?:查看|下载)|返回顶部|\[?纠错\]?|(?:浏览|点击|阅读)(?:次数|量)[:：])"
)
_STOPS: Final = re.compile(
    r"^\s*(?:相关(?:阅读|链接|新闻|文章|推荐)|延伸阅读|热门(?:推荐|文章|评论)|网友评论|发表评论|推荐阅读)[^。]*$"
)
# Under such a word a newspaper also prints sentences of its own.
_TOLD: Final = re.compile(r"(?:相关(?:阅读|链接|新闻)|延伸阅读)\s*[:：].+。[”’]?$")
# A paragraph that the editor's name follows on its own line is a paragraph.
_SIGNED: Final = re.compile(r"(?P<said>.+。[”’]?)\s*[（(【\[]?\s*责任编辑[^。]*$")
_KEPT: Final = ("body", "article", "main")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLOCK: Final = re.compile(
    "address|article|blockquote|body|caption|center|d[dlt]|details|div|fieldset|figcaption|figure|h[1-6r]|header|html|"
    "li|main|[ou]l|p|pre|section|table|tbody|t[dhr]|tfoot|thead"
)
_SITE: Final = re.compile(
    r"\s*(?:[_|｜]|\s[-–—]\s|--|－).*$|\s*[-–][^-–]{0,20}(?:政府|网|报|委会?|厅|局|区|县|市|发布|频道|新闻|门户|在线)$"
)
_DAY: Final = r"(20\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})"
_PUBLISHED: Final = re.compile(rf"(?:发布|发表|发稿|更新|时间|日期)[^\d\n]{{0,8}}{_DAY}")
_ANY_DAY: Final = re.compile(_DAY)
_MOMENT: Final = re.compile(rf"{_DAY}\s*日?\s+\d{{1,2}}:\d{{2}}(?::\d{{2}})?")
_DATED: Final = re.compile(r"(?:pub(?:lish)?|post|release)_?-?(?:ed)?_?-?(?:time|date)", re.IGNORECASE)
_DAY_NAMES: Final = (
    "pubdate",
    "publishdate",
    "publishtime",
    "article:published_time",
    "og:published_time",
    "og:release_date",
    "datepublished",
    "article:create_at",
    "date",
)
_TITLE_NAMES: Final = ("articletitle", "og:title", "twitter:title")
_MANY, _FEW = 3, 40  # links that make a list; characters beside them that make it none
_LONG_TITLE: Final = 300  # characters
_NESTED: Final = 200  # elements within elements
_LONG_CELL: Final = 300  # characters: a table whose cells hold more lays out a page


@dataclass(frozen=True, slots=True)
class _Page:
    root: Any
    named: dict[str, str]


def read(data: bytes, kind: str) -> dict[str, Any]:
    """The article of a saved page. Raises Trouble for a page without one."""
    source = _source(data) if kind == "mhtml" else decoding.decode_page(data, _declared(data))
    page = _parsed(source)
    title, published = _title(page), _published(page)
    _strip(page.root)
    found = list(_lines(_article(page.root)))
    found = _without_furniture(found, title)
    if not found:
        raise Trouble("empty")
    if title and not any(_same(title, line) for line in found[:3]):
        found.insert(0, title)
    return {"text": lines.text_of(found), "title": title[:200], "published": published}


def _source(data: bytes) -> str:
    """The page of an MHTML file: its first part that is one."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return decoding.decode_page(content, part.get_content_charset() or _declared(content))
    raise Trouble("damaged")


def _declared(data: bytes) -> str:
    found = _CHARSET.search(data[:_HEAD])
    return found.group(1).decode("ascii") if found else ""


def _parsed(source: str) -> _Page:
    # Given as bytes, since a declaration within the text would be obeyed a second time.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(source.removeprefix("\ufeff").encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise Trouble("empty") from error
    except etree.XMLSyntaxError as error:
        raise unread(parser.error_log) from error
    named = {
        str(meta.get("name") or meta.get("property") or meta.get("itemprop")).lower(): str(meta.get("content") or "")
        for meta in root.iter("meta")
    }
    return _Page(root, named)


# ---- What the page says of itself ------------------------------------------------------------------
def _title(page: _Page) -> str:
    """As named by the page, else its one headline, else the window's title without the name of the site."""
    for name in _TITLE_NAMES:
        if told := lines.clean(page.named.get(name, "")):
            return told
    heads = [told for each in page.root.iter("h1") if (told := lines.clean(each.text_content()))]
    if len(heads) == 1:
        return heads[0]
    window = lines.clean((page.root.findtext(".//title") or "")[:_LONG_TITLE])
    return _SITE.sub("", window) or window


def _published(page: _Page) -> str:
    """The day it was published, YYYY-MM-DD; "" when the page does not say."""
    told = [page.named[name] for name in _DAY_NAMES if page.named.get(name)]
    told += [str(each.get("datetime") or "") for each in page.root.iter("time")]
    told += [each.text_content() for each in page.root.iter("em", "span", "div", "p") if _DATED.search(_named(each))]
    told += [_of_data(each.text or "") for each in page.root.iter("script") if "ld+json" in (each.get("type") or "")]
    for text in told:
        if day := _day(_ANY_DAY.search(text)):
            return day
    return _day(_PUBLISHED.search(page.root.text_content()))


def _of_data(source: str) -> str:
    """The day in a page's structured data."""
    try:
        data = json.loads(source)
    except (ValueError, RecursionError):
        return ""
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, dict) and isinstance(told := each.get("datePublished"), str):
            return told
    return ""


def _day(found: re.Match[str] | None) -> str:
    if not found:
        return ""
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return ""


# ---- Where the article is --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Weight:
    """How many characters an element holds, and how many of them are links."""

    words: int
    linked: int

    @property
    def plain(self) -> int:
        return self.words - self.linked


def _weights(root: Any) -> dict[Any, _Weight]:
    """Every element's weight, those within first."""
    found: dict[Any, _Weight] = {}
    for element in reversed(list(root.iter(etree.Element))):
        words, linked = _letters(element.text), 0
        for each in element:
            within = found.get(each, _Weight(0, 0))
            words, linked = words + within.words + _letters(each.tail), linked + within.linked
        found[element] = _Weight(words, words if element.tag == "a" else linked)
    return found


def _named(element: Any) -> str:
    """What the page calls an element."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _letters(text: str | None) -> int:
    return len("".join(text.split())) if text else 0


def _strip(root: Any) -> None:
    """Take away what is never part of an article: by its element, by what the page calls it, and what is not shown."""
    for element in list(root.iter(etree.Element)):
        hidden = _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None
        # How office programs write the heads and feet of pages.
        hidden = hidden or (element.get("title") or "") in ("header", "footer")
        if element.tag not in _KEPT and (hidden or _FURNITURE.fullmatch(element.tag)):
            _drop(element)
    weights = _weights(root)
    whole = weights[root].words
    for element, weight in reversed(weights.items()):
        named = _named(element)
        # A page may call its whole frame "main-nav-wrap": what holds most of the words is no furniture.
        called = _NAMED.search(named) and not _ARTICLE.search(named) and weight.words < 0.5 * whole
        if element.tag not in _KEPT and (called or _lists_links(element, weights)):
            _drop(element)


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _lists_links(element: Any, weights: dict[Any, _Weight]) -> bool:
    """Whether a block holds next to nothing but links, alone or in a row of such blocks."""
    if not isinstance(element.tag, str) or not _BLOCK.fullmatch(element.tag):
        return False
    weight = weights[element]
    if not weight.linked or weight.plain > 0.2 * weight.words or weight.plain > _FEW:
        return False
    links = sum(1 for _ in element.iter("a"))
    beside = [each for each in (element.getprevious(), element.getnext()) if each is not None]
    alike = [each for each in beside if each in weights and weights[each].linked and not weights[each].plain]
    return links >= _MANY or bool(len(beside) > 1 and len(alike) == len(beside))


def _article(root: Any) -> Any:
    """The element that holds most running text for the links in it: each paragraph speaks for what holds it."""
    weights = _weights(root)
    scores: dict[Any, float] = {}
    running: Counter[Any] = Counter()
    for element in root.iter("p", "td", "pre", "div", "section", "li", "span", "blockquote"):
        own = _own_text(element)
        if len(own) < 15:
            continue
        score = 1 + own.count("，") + own.count("。") + own.count(",") + min(len(own) / 100, 5)
        if "，" in own or "。" in own:
            for each in (element, *element.iterancestors()):
                running[each] += len(own)
        holder = element if element.tag in ("div", "section", "td", "pre") else element.getparent()
        for share in (1.0, 0.5, 0.25):
            if holder is None:
                break
            scores[holder] = scores.get(holder, 0.0) + share * score
            holder = holder.getparent()
    body = root.find("body") if root.find("body") is not None else root
    if not scores:
        return body
    return _whole(max(scores, key=lambda each: _scored(each, scores[each], weights[each])), body, weights, running)


def _own_text(element: Any) -> str:
    """The words that stand in an element itself, or in inline elements of it."""
    told = [element.text or ""]
    for each in element:
        if isinstance(each.tag, str) and not _BLOCK.fullmatch(each.tag) and each.tag != "a":
            told.append(each.text_content())
        told.append(each.tail or "")
    return "".join("".join(told).split())


def _scored(element: Any, score: float, weight: _Weight) -> float:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return (
        score * weight.plain / max(weight.words, 1) * (1.5 if _ARTICLE.search(named) or element.tag == "article" else 1)
    )


def _whole(best: Any, body: Any, weights: dict[Any, _Weight], running: dict[Any, int]) -> Any:
    """An article that is cut into sections is all of them: as far up as there is more running text, and not links."""
    at = best
    while at is not body and (at := at.getparent()) is not None:
        more = running.get(at, 0) - running.get(best, 0)
        linked = weights[at].linked - weights[best].linked
        if linked > 0.2 * (weights[at].words - weights[best].words) > 0:
            break
        if more > 0.15 * running.get(best, 0):
            best = at
    return best


# ---- Its lines -------------------------------------------------------------------------------------
def _lines(element: Any) -> Iterator[str]:
    """Paragraph after paragraph, row after row."""
    told = ""
    for piece in _pieces(element, 0):
        if piece == "\n":
            yield told
            told = ""
        elif piece.startswith("\n"):
            yield piece[1:]
        else:
            told += piece
    yield told


def _pieces(element: Any, depth: int) -> Iterator[str]:
    """The words of an element; "\\n" where a line ends, and a row of a table as one piece that begins with it."""
    if depth > _NESTED:
        raise Trouble("damaged")
    yield _collapsed(element.text)
    for each in element:
        if not isinstance(each.tag, str):
            pass
        elif each.tag == "br":
            yield "\n"
        elif each.tag == "table" and _tells(each):
            yield "\n"
            yield from (f"\n{row}" for row in _rows(each))
        elif each.tag in ("rt", "rp"):
            pass
        elif _BLOCK.fullmatch(each.tag):
            yield "\n"
            yield from _pieces(each, depth + 1)
            yield "\n"
        else:
            yield from _pieces(each, depth + 1)
        yield _collapsed(each.tail)


def _collapsed(text: str | None) -> str:
    """As a browser shows it: a line break in the source is a blank, and none between Chinese characters."""
    if not text:
        return ""

    def blank(found: re.Match[str]) -> str:
        around = found.string[max(found.start() - 1, 0) : found.start()] + found.string[found.end() : found.end() + 1]
        return "" if len(around) == 2 and not around[0].isascii() and not around[1].isascii() else " "

    return re.sub(r"[ \t]*+[\r\n][ \t\r\n]*+", blank, re.sub(r"[ \t]++", " ", text))


def _tells(table: Any) -> bool:
    """Whether a table tells data, and does not lay out the page."""
    if sum(1 for _ in table.iter("table")) > 1:
        return False
    cells = list(table.iter("td", "th"))
    rows = sum(1 for _ in table.iter("tr"))
    return len(cells) > rows > 0 and all(_letters(cell.text_content()) <= _LONG_CELL for cell in cells)


def _rows(table: Any) -> Iterator[str]:
    """Rows of cells. A merged cell stands once; the places that it covers stay empty."""
    covered: dict[int, int] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in (each for each in row if each.tag in ("td", "th")):
            while covered.get(len(cells), 0):
                covered[len(cells)] -= 1
                cells.append("")
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for at in range(len(cells), len(cells) + across):
                covered[at] = down - 1
            cells += [lines.cell(_lines(cell)), *[""] * (across - 1)]
        while covered.get(len(cells), 0):
            covered[len(cells)] -= 1
            cells.append("")
        yield lines.row(cells)


def _span(cell: Any, name: str) -> int:
    told = cell.get(name) or "1"
    return min(int(told), 200) or 1 if told.isdigit() else 1


def _without_furniture(found: list[str], title: str) -> list[str]:
    """Lines of the article; what stands around it within the same element, by its words."""
    kept: list[str] = []
    for line in map(lines.clean, found):
        if _STOPS.match(line) and sum(map(len, kept)) > 100:
            break
        around = len(line) < 80 and (_WORDS_OF_FURNITURE.search(line) or _about(line)) and not _TOLD.match(line)
        if around and (said := _SIGNED.match(line)):
            line, around = said["said"], False
        if line and not around and not (kept and _same(line, title) and _same(kept[-1], title)):
            kept.append(line)
    return kept


def _about(line: str) -> bool:
    """The line under a headline: 发布时间 … 来源 … 作者 …, or a day with its hour, and nothing else."""
    return bool(_MOMENT.fullmatch(line)) or (
        bool(re.match(r"(?:发布|发表|更新)?(?:时间|日期)\s*[:：]|来源\s*[:：]", line)) and "。" not in line
    )


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
