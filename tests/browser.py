"""Opens pages in a real browser: headless Chromium, without a network, every complaint of the page kept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.browser
"""Marks tests that open pages; without a Chromium they are skipped, and say so."""


@dataclass
class Opened:
    """A page, what it said on the console, and what it asked for besides itself."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        """Assert that the page neither complained nor asked for anything else."""
        assert self.complaints == []
        assert self.requests == []


@contextmanager
def opened(
    path: Path, *, width: int = 1440, height: int = 900, dark: bool = False, script: bool = True
) -> Iterator[Opened]:
    """Open a file at a width in pixels; ``script``: let the scripts of the page run."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", offline=True,
            java_script_enabled=script,
        )  # fmt: skip
        found = Opened(page)
        page.on("console", lambda message: found.complaints.append(message.text))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        url = path.resolve().as_uri()
        page.on("request", lambda r: None if r.url.split("#")[0] == url else found.requests.append(r.url))
        page.goto(url)
        try:
            yield found
        finally:
            browser.close()
