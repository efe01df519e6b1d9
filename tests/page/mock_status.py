"""A stand-in for the status endpoints that the live page uses, for its tests and for working on it:

    cd tests && python3 -B -m page.mock_status [--port 8800] [--scenario usual|large|ill|missing|least|hostile] [--demo] [--token WORD]
                                               [--every SECONDS]
"""
import argparse
import datetime
import http.server
import json
import queue
import threading
import time

from page import built, samples


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


class MockStatus:
    """The endpoints on a port of 127.0.0.1; `port` 0: any. Stopped, it drops its connections as a killed service does."""

    def __init__(self, port=0, scenario="usual", demo=False, token="", every=1.0, points=180):
        built.page()  # what is missing shows here and not in a connection's thread
        self.scenario, self.demo, self.token, self.every, self.points = scenario, demo, token, every, points
        self.started, self.tick, self.requests, self.connections = utc_now(), 0, [], []
        self.streams, self.stopping, self.lock = [], threading.Event(), threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (Handler,), {"mock": self}))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.stopping.is_set():
            return
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(2)
                except OSError:
                    pass  # the browser was first

    def status(self):
        return samples.SCENARIOS[self.scenario](utc_now(), self.started, self.tick, self.demo)

    def history(self, points):
        history = samples.history(utc_now(), points)
        if self.scenario == "hostile":
            history["errors"] = {samples.HOSTILE: history["errors"]["model_error"], "__proto__": history["errors"]["timed_out"]}
        return history

    def accept(self, request):
        """Takes a request of the demo's form; its reply comes to all who read events a moment later."""
        self.requests.append(request)
        number = "demo-%d" % len(self.requests)
        words = "A photo." if "photo" in request else "You said: " + request.get("text", "")
        reply = {"id": number, "topic": "gemini-response", "body": {"key": number, "value": {"response": words}}}
        threading.Timer(0.2, lambda: [each.put(("reply", reply)) for each in list(self.streams)]).start()
        return number


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mock = None

    def setup(self):
        super().setup()
        with self.mock.lock:
            self.mock.connections.append(self.connection)

    def log_message(self, *_):
        pass

    def answer(self, code, body=b"", kind="application/json", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def refused(self):
        if not self.mock.token or self.headers.get("Authorization") == "Bearer " + self.mock.token:
            return False
        self.answer(401, {"error": "API_TOKEN is missing or wrong"}, WWW_Authenticate="Bearer")
        return True

    def do_GET(self):
        if self.path == "/":
            page, policy = built.page()
            self.answer(200, page, "text/html; charset=utf-8", Content_Security_Policy=policy, Referrer_Policy="no-referrer", Cache_Control="no-store")
        elif self.path == "/api/status" and not self.refused():
            self.answer(200, {**self.mock.status(), "history": self.mock.history(self.mock.points)})
        elif self.path == "/api/events" and not self.refused():
            self.stream()
        elif not self.path.startswith("/api/"):
            self.answer(404, {"error": "no such page"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/api/demo/requests" or not self.mock.demo:
            self.answer(404, {"error": "no such page"})
        elif not self.refused():
            self.answer(202, {"id": self.mock.accept(json.loads(body))})

    def event(self, name, value):
        self.wfile.write(("event: %s\ndata: %s\n\n" % (name, json.dumps(value))).encode())

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        mine, mock = queue.Queue(), self.mock
        mock.streams.append(mine)
        try:
            self.event("history", mock.history(mock.points))
            next_status = next_point = time.monotonic()
            next_point += 5 * mock.every
            while not mock.stopping.is_set():
                if time.monotonic() >= next_status:
                    mock.tick += 1
                    self.wfile.write(b": still here\n\n")
                    self.event("status", mock.status())
                    next_status += mock.every
                if time.monotonic() >= next_point:
                    self.event("history", mock.history(1))
                    next_point += 5 * mock.every
                try:
                    self.event(*mine.get(timeout=0.02))
                except queue.Empty:
                    pass
        except OSError:
            pass  # the page went away
        finally:
            mock.streams.remove(mine)
            self.close_connection = True


def main():
    parser = argparse.ArgumentParser(description="The live page with made-up numbers.")
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--scenario", choices=sorted(samples.SCENARIOS), default="usual")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--token", default="")
    parser.add_argument("--every", type=float, default=1.0)
    with MockStatus(**vars(parser.parse_args())) as mock:
        print(mock.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
