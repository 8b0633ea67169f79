"""One demonstration and one browser for the module; a window of its own for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import chromium
import pytest
from playwright.sync_api import Browser, sync_playwright

from tracker.tests.browser.site import Site, running
from tracker.tests.browser.visitor import FLAGS, Visitor

Visits = Callable[..., Visitor]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not longer than the module: while it runs, its event loop keeps Django from the database in this thread.
    program = chromium.find()
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visits]:
    """Opens a window for an account; whatever went wrong in it fails the test."""
    opened: list[Visitor] = []

    def at(username: str, size: dict[str, Any]) -> Visitor:
        context = browser.new_context(**size, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce")
        opened.append(Visitor(site, context, username))
        return opened[-1]

    yield at
    for each in opened:
        each.close()
