"""What the cases of the live page share: one browser, and a service to look at: the stand-in, or a real one.

PAGE_URL: the cases that need nothing of a service but that it runs look at this one (`http://localhost:5000`), the others are left out.
PAGE_DEMO_URL: the same of one that runs the demo. PAGE_TOKEN_URL with PAGE_TOKEN: of one that asks for its API token.
"""
import atexit
import os
import unittest

from fixtures import parts
from page import mock_status
from page.browser import Browser, Tab

REAL = {"usual": "PAGE_URL", "demo": "PAGE_DEMO_URL", "token": "PAGE_TOKEN_URL"}
_browser = []


def browser():
    if not _browser:
        _browser.append(Browser(os.path.join(parts.folder_of("chromium"), "chromium")))
        atexit.register(_browser[0].close)
    return _browser[0]


def against_real():
    return any(os.environ.get(name) for name in REAL.values())


class PageCase(unittest.TestCase):
    maxDiff = 2000

    def need_stand_in(self):
        """Skips the case as a whole where it cannot be had; in a sub-test it would count once for each."""
        if against_real():
            self.skipTest("needs the stand-in")
        browser()

    def mock(self, scenario="usual", **options):
        """The stand-in. A case that changes or stops it cannot be had of a real service."""
        self.need_stand_in()
        return self.enterContext(mock_status.MockStatus(scenario=scenario, **options))

    def url(self, kind="usual"):
        """Of a service that is up: `usual`, `demo` (with the form) or `token` (asks for the token that `self.token` is)."""
        self.token = os.environ.get("PAGE_TOKEN", "a token of tests")
        if address := os.environ.get(REAL[kind]):
            return address
        return self.mock(demo=kind == "demo", token=self.token if kind == "token" else "", every=0.25).url

    def tab(self, url=None, complaints_allowed=False, **media):
        """An empty tab, or one that shows the page and has been told of the state once."""
        tab = self.enterContext(Tab(browser(), **media))
        if not complaints_allowed:
            self.addCleanup(lambda: self.assertEqual(tab.complaints, [], "the browser complains"))
        if url:
            tab.open(url + "/")
            tab.wait("!document.querySelector('#summary').innerText.startsWith('Connecting')")
        return tab
