"""Chromium without a window, by the DevTools protocol over a pipe: needs neither a driver nor a WebSocket library."""
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading

from fixtures.waiting import wait_until


class Browser:
    """One Chromium for a whole run; each Tab has cookies and a storage of its own."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        from_us, to_us = os.pipe(), os.pipe()

        def only_pipes():
            # The browser reads from 3 and writes to 4. Copies first: either may stand where the other has to go.
            read, write = os.dup(from_us[0]), os.dup(to_us[1])
            high = [os.dup2(each, 20 + at) for at, each in enumerate((read, write))]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + self.profile, "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--disable-sync", "--mute-audio",
             "--disable-extensions", "--hide-scrollbars", "--lang=en", "about:blank"],
            close_fds=False, preexec_fn=only_pipes, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us[0])
        os.close(to_us[1])
        self.write, self.read = os.fdopen(from_us[1], "wb"), os.fdopen(to_us[0], "rb")
        self.next_id, self.answers, self.sinks, self.lock = 0, {}, {}, threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        rest = b""
        while data := self.read.read1(1 << 16):
            *messages, rest = (rest + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers[message["id"]].put(message)
                elif sink := self.sinks.get(message.get("sessionId")):
                    sink(message["method"], message["params"])
        for waiting in list(self.answers.values()):
            waiting.put({"error": {"message": "the browser has ended"}})

    def call(self, method, session=None, seconds=30, **params):
        answer = queue.Queue()
        with self.lock:
            self.next_id += 1
            number = self.next_id
            self.answers[number] = answer
            message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
            self.write.write(json.dumps(message).encode() + b"\0")
            self.write.flush()
        try:
            result = answer.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError("%s had no answer for %d s" % (method, seconds)) from None
        finally:
            del self.answers[number]
        if "error" in result:
            raise AssertionError("%s: %s" % (method, result["error"]["message"]))
        return result["result"]

    def close(self):
        try:
            self.call("Browser.close", seconds=5)
        except (AssertionError, OSError):
            self.process.kill()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)


class Tab:
    """A page in a context of its own, with all that the browser complains of in `complaints` and failed requests in `failed_requests`."""

    def __init__(self, browser, width=1280, height=900, **media):
        self.browser, self.complaints, self.failed_requests, self.requested = browser, [], [], []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.sinks[self.session] = self._on_event
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility", "Audits", "DOM"):
            self.call(domain + ".enable")
        self.resize(width, height)
        self.emulate(**media)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.sinks.pop(self.session, None)
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def _on_event(self, method, params):
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append("console.%s: %s" % (params["type"], [each.get("value", each.get("description")) for each in params["args"]]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            # A service that is down, or that wants a token, is not the page's fault.
            into = self.failed_requests if params["entry"]["source"] == "network" else self.complaints
            into.append("%s: %s" % (params["entry"]["source"], params["entry"]["text"]))
        elif method == "Audits.issueAdded" and params["issue"]["code"] == "ContentSecurityPolicyIssue":
            self.complaints.append("policy: %s" % params["issue"]["details"])
        elif method == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def emulate(self, scheme="light", motion="no-preference"):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}])

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")
        return self

    def run(self, script):
        """The value of an expression, as JSON knows it."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError("%s: %s" % (script, result["exceptionDetails"].get("exception", {}).get("description")))
        return result["result"].get("value")

    def wait(self, script, seconds=15):
        # An element is {} as JSON.
        return wait_until(lambda: self.run("(each => each instanceof Node || each)(%s)" % script), seconds,
                          lambda: "%s; the page says: %s" % (script, self.run("document.body.innerText.slice(0, 600)")), interval=0.05)

    def text(self, selector):
        return self.run("document.querySelector(%s)?.innerText ?? ''" % json.dumps(selector))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def press(self, key, code=0, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **({"text": text} if text and kind == "keyDown" else {}))

    def tree(self):
        """The accessibility tree as a list of (role, name, node) of what is not ignored."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", ""), node) for node in nodes if not node["ignored"]]

    def screenshot(self, path, whole=False):
        import base64
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
