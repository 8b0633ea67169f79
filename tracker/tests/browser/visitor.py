"""A person at a browser: a page of a given size, and everything that must not happen on it, kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, WebError

from tracker.tests import reading
from tracker.tests.browser.site import Site

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
MANY = 60
FOCUSED = """([selector, words]) => {
    const element = document.activeElement;
    return element.matches(selector) && (!words || element.innerText.split('\\n').includes(words));
}"""
DRAWN = "() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))))"
# Elements that end right of the window and that nothing scrolls or cuts off.
STICKING_OUT = """() => {
    const width = window.screen.width < 1000 ? window.screen.width : document.documentElement.clientWidth;
    const found = [];
    for (const element of document.querySelectorAll('body *')) {
        const box = element.getBoundingClientRect();
        if (!box.width || box.right <= width + 1) continue;
        let parent = element.parentElement;
        while (parent && getComputedStyle(parent).overflowX === 'visible') parent = parent.parentElement;
        if (!parent) found.push(`${element.tagName.toLowerCase()}.${element.className} ${Math.round(box.right)}`);
    }
    return found;
}"""
# What the page shows, without the names of symbols that the icon font draws.
SHOWN = """() => {
    const icons = [...document.querySelectorAll('.material-symbols-outlined')].filter((icon) => icon.checkVisibility());
    for (const icon of icons) icon.hidden = true;
    const text = document.body.innerText;
    for (const icon of icons) icon.hidden = false;
    return text;
}"""


@dataclass
class Visitor:
    """One person with a browser window. What goes wrong on a page is `wrong` from then on, and fails the next step."""

    site: Site
    context: BrowserContext
    username: str
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("console", self._console)
        self.context.on("weberror", self._error)
        self.context.on("request", self._request)
        self.context.on("requestfailed", self._failed)
        self.context.on("response", self._response)
        self.page: Page = self.context.new_page()

    @property
    def account(self) -> dict[str, str]:
        return self.site.accounts[self.username]

    # ---- What a person does --------------------------------------------------------------------------
    def open(self, path: str) -> None:
        """Go to an address of the site."""
        self.page.goto(self.site.address + path)
        self.look()

    def follow(self, link: Locator) -> None:
        """Press what leads to another page, and wait for it."""
        with self.page.expect_navigation():
            link.click()
        self.look()

    def press(self, key: str) -> None:
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.look()

    def sign_in(self) -> None:
        self.open("/admin/login/")
        self.sign_in_with(self.account["password"])

    def sign_in_with(self, password: str) -> None:
        """Fill in the page that stands open."""
        self.page.locator("input[name=username]").fill(self.username)
        self.page.locator("input[name=password]").fill(password)
        self.follow(self.page.get_by_role("button", name="登录"))

    def sign_out(self) -> None:
        """By the menu below the name, which a phone shows with the side bar."""
        name = self.page.get_by_text("unfold_more").locator("visible=true")
        if not name.count():
            self.page.get_by_text("dock_to_right").locator("visible=true").click()
        name.click()
        self.follow(self.page.get_by_role("button", name="注销"))

    def shows(self, words: str) -> bool:
        """Whether the words stand on the page, to be seen."""
        return self.page.get_by_text(words).first.is_visible()

    def tab_to(self, selector: str, words: str = "") -> None:
        """Go on with the Tab key until what fits `selector` and has a line that reads `words`."""
        for _ in range(MANY):
            if self.page.evaluate(FOCUSED, [selector, words]):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{MANY} times Tab and no {selector} {words}")

    def search(self, words: str) -> None:
        """Type into the search field of a list."""
        field = self.page.locator("#searchbar")
        field.fill(words)
        field.focus()
        self.press("Enter")

    # ---- What must hold on every page ----------------------------------------------------------------
    def look(self) -> None:
        """Wait until the page is drawn. Nothing may stick out of it, be English, or have gone wrong on the way."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(DRAWN)
        path = urlsplit(self.page.url).path
        self.wrong += [f"{path}：超出屏幕 {each}" for each in self.page.evaluate(STICKING_OUT)]
        self.wrong += [f"{path}：英文 {word}" for word in reading.words(self.page.evaluate(SHOWN), self.site.names)]
        assert self.wrong == []

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"控制台 {message.type}：{message.text}")

    def _error(self, error: WebError) -> None:
        self.wrong.append(f"脚本错误：{error.error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and f"{address.scheme}://{address.netloc}" != self.site.address:
            self.wrong.append(f"外部请求：{request.url}")

    def _failed(self, request: Request) -> None:
        self.wrong.append(f"请求失败：{request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"返回 {response.status}：{response.url}")
