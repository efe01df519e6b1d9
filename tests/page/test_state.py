"""What the page shows, and that it goes on showing it: while the state changes, over restarts, with a token, with texts of strangers."""
import base64
import datetime
import hashlib
import os
import re
import unittest
import urllib.request

from fixtures.waiting import stays_true, wait_until
from page import built, samples
from page.case import PageCase

PARTS = "chromium"
PAGE_BYTES_MAX = 80_000
SECTIONS = ["glance", "path", "slots", "hosts", "nodes", "charts", "changes", "actors", "partitions", "ends"]
CONTROLS = re.compile("[\u0000-\u0008\u000b-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown(tab):
    return tab.run("[...document.querySelectorAll('section')].filter(each => !each.hidden).map(each => each.id)")


class Document(PageCase):
    def test_it_is_small_refers_to_nothing_and_its_policy_allows_its_own_script_and_style_only(self):
        with urllib.request.urlopen(self.url() + "/") as answer:
            page, policy, kind = answer.read().decode(), answer.headers["Content-Security-Policy"], answer.headers["Content-Type"]
        self.assertLess(len(page.encode()), PAGE_BYTES_MAX)
        self.assertEqual(kind, "text/html; charset=utf-8")
        self.assertEqual(re.findall(r"""\s(?:src|href|style|on\w+)=(?!"data:,")""", page.split("<style>")[0] + page.split("</style>")[1].split("<script>")[0]), [])
        self.assertNotIn("url(", page.split("<style>")[1].split("</style>")[0])
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        for name in ("script", "style"):
            (text,) = re.findall("<%s>(.*?)</%s>" % (name, name), page, re.DOTALL)
            self.assertEqual(rules.pop(name + "-src"), "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode())
        self.assertEqual(rules, {"default-src": "'none'", "connect-src": "'self'", "img-src": "data: blob:", "base-uri": "'none'",
                                 "form-action": "'none'", "frame-ancestors": "'none'"})
        self.assertIn("Copyright (c) 2022 Leon Sorokin", page)

    def test_the_policy_holds_and_the_browser_says_so(self):
        tab = self.tab(self.url(), complaints_allowed=True)
        tab.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
        tab.wait("true")
        wait_until(lambda: tab.complaints, 5, "a complaint")
        self.assertIn("policy", " ".join(tab.complaints), "a control: what breaks the policy would be seen")

    def test_nothing_is_asked_for_but_the_page_and_its_events(self):
        url = self.url()
        tab = self.tab(url)
        tab.wait("document.querySelector('#charts:not([hidden])')")
        self.assertEqual({each for each in tab.requested if not each.startswith("data:")}, {url + "/", url + "/api/events"})


class State(PageCase):
    def test_it_answers_the_first_questions_and_shows_every_part(self):
        tab = self.tab(self.mock().url)
        tab.wait("document.querySelector('#charts:not([hidden])')")
        self.assertEqual(shown(tab), SECTIONS)
        for title, words in {"Taking work": "Yes", "Oldest request": "s", "Backlog": "gone in 37 s", "Sick": "None", "Last change": "started"}.items():
            card = tab.run("[...document.querySelectorAll('#cards > div')].find(each => each.innerText.startsWith('%s'))?.innerText" % title)
            self.assertIn(words, card or "", title)
        self.assertIn("4 partitions, 2 waiting, 5 in flight, 1 publishing, holds 1 of 64 MiB", tab.text("#intake"))
        path = tab.run("document.querySelector('#path svg').getAttribute('aria-label')")
        for stage in samples.STAGES:
            self.assertRegex(path, stage + r", rate 3\.\d/s, queue \d, in flight \d, oldest 90\d ms")
        for part, words in {"slots": "3 of 4 busy", "hosts": "llava:latest 8dd30f6b0cb1 100 % VRAM", "nodes": "protocol 2", "actors": "1 restart, last: std::bad_alloc",
                            "changes": "sanitizer crashed: std::bad_alloc; restart 1 after 104 ms", "partitions": "none yet", "ends": "model_error"}.items():
            self.assertIn(words, re.sub(r"\s+", " ", tab.text("#" + part)), part)
        self.assertEqual(tab.run("document.querySelectorAll('#ends tbody tr').length"), 50)
        self.assertEqual(tab.run("document.querySelectorAll('#charts canvas').length"), 4)

    def test_a_real_service_is_shown_without_complaints(self):
        tab = self.tab(self.url())
        self.assertNotIn("Connecting", tab.text("#summary"))

    def test_what_is_ill_is_named_with_since_when(self):
        tab = self.tab(self.mock("ill").url)
        glance = re.sub(r"\s+", " ", tab.text("#glance"))
        for words in ("It takes no work: no model host is usable", "http://gpu1:11434 unreachable, breaker open since", "(6 min", "breaker on trial since",
                      "gpu2 silent for 4.2 s", "sanitizer restarting", "12 min 14 s", "no estimate"):
            self.assertIn(words, glance)
        self.assertIn("ollama pull llava:latest", tab.text("#hosts"))
        self.assertIn("7 restarts", tab.text("#actors"))

    def test_updates_arrive_and_leave_focus_and_scrolling_alone(self):
        mock = self.mock("large", every=0.1)
        tab = self.tab(mock.url)
        tab.run("(r => { r.focus(); r.scrollTop = 300; window.watched = r; })(document.querySelector('#partitions .tall'))")
        before = tab.text("#cards")
        tick = mock.tick
        wait_until(lambda: mock.tick >= tick + 5, 30, "further updates")
        self.assertNotEqual(tab.text("#cards"), before)
        self.assertTrue(tab.run("document.activeElement === watched && watched.isConnected && watched.scrollTop === 300"))

    def test_the_newest_point_joins_the_history(self):
        mock = self.mock(every=0.1, points=3)
        tab = self.tab(mock.url)
        first = tab.wait("document.querySelector('#charts .plot')?.getAttribute('aria-label')")
        self.assertRegex(first, r"Chart of Replies per second\. replies: now [\d.]+, most [\d.]+, mean")
        tab.wait("document.querySelector('#charts .plot').getAttribute('aria-label') !== %r" % first)

    def test_the_spoken_sentence_is_said_again_only_when_its_words_change(self):
        mock = self.mock(every=0.1)
        tab = self.tab(mock.url)
        tab.run("window.said = 0; new MutationObserver(() => ++said).observe(document.querySelector('#summary'), {childList: true, characterData: true, subtree: true})")
        tick = mock.tick
        wait_until(lambda: mock.tick >= tick + 8, 30, "further updates")
        self.assertEqual(tab.run("said"), 0)
        mock.scenario = "ill"
        tab.wait("said > 0")
        self.assertIn("It takes no work", tab.text("#summary"))

    def test_100_partitions_and_64_slots_are_drawn_in_a_fraction_of_a_second(self):
        mock = self.mock("large", every=0.25)
        tab = self.tab(mock.url)
        self.assertEqual(tab.run("document.querySelectorAll('#partitions tbody tr').length"), 100)
        self.assertIn("ollama_worker/0 to 63 64 running", re.sub(r"\s+", " ", tab.text("#actors")))
        metrics = lambda: {each["name"]: each["value"] for each in tab.call("Performance.getMetrics")["metrics"]}
        tab.call("Performance.enable")
        before, tick = metrics(), mock.tick
        wait_until(lambda: mock.tick >= tick + 12, 30, "twelve updates")
        after = metrics()
        self.assertLess(after["TaskDuration"] - before["TaskDuration"], 1.5, "twelve updates")


class Connection(PageCase):
    def test_it_survives_a_restart_of_the_service(self):
        first = self.mock(every=0.25)
        tab = self.tab(first.url)
        first.stop()
        tab.wait("!document.querySelector('#lost').hidden")
        self.assertRegex(tab.text("#lost"), r"Connection lost at \d\d:\d\d:\d\d")
        stays_true(lambda: tab.run("!document.querySelector('#lost').hidden"), 1, "the page says that the connection is lost")
        second = self.mock(port=first.port, every=0.25)
        tab.wait("document.querySelector('#lost').hidden")
        tab.wait("document.querySelector('#cards').innerText.includes('%d')" % (120 + second.tick))

    def test_a_service_that_says_nothing_is_lost_too(self):
        mock = self.mock(every=0.25)
        tab = self.tab(mock.url)
        mock.every = 1000
        tab.wait("!document.querySelector('#lost').hidden", seconds=20)

    def test_without_the_token_it_asks_and_with_it_it_shows_the_page(self):
        url = self.url("token")
        tab = self.tab()
        tab.open(url + "/")
        for word, then in (("wrong", "document.querySelector('#token-note').innerText.includes('refused')"), (self.token, "document.querySelector('#cards dd')")):
            tab.wait("!document.querySelector('#access').hidden && document.activeElement.id === 'token'")
            tab.type(word)
            tab.press("Enter", 13, "\r")
            tab.wait(then)
        self.assertNotIn("access", shown(tab))
        tab.open(url + "/")
        tab.wait("document.querySelector('#cards dd')")
        self.assertFalse([each for each in tab.requested if self.token in each])


class Demo(PageCase):
    def test_a_text_is_sent_and_its_reply_shown(self):
        tab = self.tab(self.url("demo"))
        tab.wait("!document.querySelector('#demo').hidden")
        tab.run("document.querySelector('#demo-text').select(); document.querySelector('#demo-text').focus()")
        tab.type("Why is the sky blue?")
        tab.press("Tab", 9)
        tab.press("Tab", 9)
        tab.press("Enter", 13, "\r")
        tab.wait("document.querySelector('#demo-replies pre')", seconds=60)
        self.assertIn("Why is the sky blue?", tab.text("#demo-replies"))
        self.assertIn("Reply after", tab.text("#demo-replies"))

    def test_a_photo_is_sent_as_base64(self):
        mock = self.mock(demo=True, every=0.25)
        tab = self.tab(mock.url)
        photo = os.path.join(built.REPOSITORY, "deploy", "samples", "pizza.jpg")
        root = tab.call("DOM.getDocument")["root"]["nodeId"]
        field = tab.call("DOM.querySelector", nodeId=root, selector="#demo-photo")["nodeId"]
        tab.call("DOM.setFileInputFiles", nodeId=field, files=[photo])
        tab.run("document.querySelector('#demo-form button').click()")
        tab.wait("document.querySelector('#demo-replies pre')")
        with open(photo, "rb") as file:
            self.assertEqual(base64.b64decode(mock.requests[0]["photo"]), file.read())
        self.assertTrue(tab.run("document.querySelector('#demo-replies img').complete && document.querySelector('#demo-replies img').naturalWidth > 0"))

    def test_there_is_no_form_outside_of_the_demo(self):
        self.assertNotIn("demo", shown(self.tab(self.url())))


class Strangers(PageCase):
    def test_hostile_texts_stay_texts(self):
        mock = self.mock("hostile", every=0.1)
        tab = self.tab(mock.url)
        tab.wait("document.querySelector('#charts:not([hidden])')")
        tick = mock.tick
        wait_until(lambda: mock.tick >= tick + 5, 30, "further updates")
        text = tab.run("document.body.textContent")
        self.assertIn("</script><img src=x onerror=", text)
        self.assertEqual(tab.run("document.querySelectorAll('img, b[onmouseover]').length"), 0)
        self.assertNotEqual(tab.run("document.title"), "owned")
        shown_text = tab.run("document.body.innerText + [...document.querySelectorAll('[aria-label]')].map(each => each.getAttribute('aria-label')).join('')")
        self.assertIsNone(CONTROLS.search(shown_text), "a text can turn its neighbours round")
        self.assertLessEqual(set(SECTIONS) - {"nodes"}, set(shown(tab)))

    def test_what_is_missing_or_of_another_shape_is_left_out(self):
        mock = self.mock("missing", every=0.05)
        tab = self.tab(mock.url)
        tick, members = mock.tick, len(samples.usual(*[datetime.datetime.now()] * 2))
        wait_until(lambda: mock.tick >= tick + 6 * members, 30, "further updates")
        mock.scenario = "usual"
        tab.wait("['path', 'hosts', 'ends', 'actors'].every(id => !document.getElementById(id).hidden)")
        mock.scenario = "least"
        tab.wait("document.querySelector('#path').hidden")
        self.assertEqual([each for each in shown(tab) if each != "charts"], ["glance"])
        self.assertEqual(tab.text("#summary"), "Connected.")


if __name__ == "__main__":
    unittest.main()
