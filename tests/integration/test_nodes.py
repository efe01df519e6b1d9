"""Worker nodes: processes that have the models and no Kafka, and readers that have Kafka and no model."""
import contextlib
import os
import socket
import struct
import subprocess
import tempfile
import time

from chaos.stub_model import MODEL, StubModel
from fixtures.oracle import text_reply
from fixtures.processes import free_port
from fixtures.service import Service, run_command
from fixtures.waiting import wait_until
from integration.case import IntegrationCase

PARTS = "kafka"
STRANGERS_MEMORY_MAX = 5 * 1024 * 1024


def header(operation, payload_bytes=0, actor=0):
    """Of CAF's protocol: operation, three bytes, length of the payload, data of the operation, source and destination."""
    return struct.pack(">BxxxIQQQ", operation, payload_bytes, 0, 0, actor)


CLIENT_HANDSHAKE, DIRECT_MESSAGE = 1, 2
# A handshake without what it has to say, one that announces 4 GB, a message to each of some actors before any handshake.
FORGED_HEADERS = [header(CLIENT_HANDSHAKE), header(CLIENT_HANDSHAKE, 0xffff_ffff),
                  b"".join(header(DIRECT_MESSAGE, 8, actor) + bytes(8) for actor in range(1, 50))]


class Nodes(IntegrationCase):
    def setUp(self):
        self.talk = self.conversation(partitions=4)
        self.stub = self.own(StubModel())
        self.node_port = free_port()

    def a_reader(self, port=None, **settings):
        reader = self.service(self.talk, MODEL, hosts="none", NODE_PORT=port or self.node_port,
                              **{"OLLAMA_HOST": "", "NODE_NAME": "reader", "GROUP_INSTANCE_ID": "one", **settings})
        return reader

    def a_worker(self, name, join=None, slots=4, **settings):
        worker = Service(None, self.stub.url, MODEL, None, None, arguments=["worker"], CONCURRENT_REQUESTS=slots, NODE_NAME=name,
                         NODE_JOIN=join or "127.0.0.1:%d" % self.node_port, DRAIN_TIMEOUT=10, **settings)
        self.addCleanup(worker.close)
        worker.start()
        self.addCleanup(self._check_log, worker)
        return worker

    def ask(self, count):
        for _ in range(count):
            key = self.talk.next_key()
            self.talk.text(text_reply(fields={"id": key, "photo": 0}), prompt="[request %s]" % key)

    def wait_at_work(self):
        """Until models have begun on requests that were just asked."""
        self.stub.catch_up()
        before = len(self.stub.calls())

        def have_begun():
            self.stub.catch_up()
            return len(self.stub.calls()) >= before + 4
        self.talk.publish()
        wait_until(have_begun, 30, "models work")

    def assert_called_once(self):
        """No model was asked twice for anything."""
        self.stub.catch_up()
        repeated = {key: len(calls) for key, calls in self.stub.calls().items() if len(calls) > 1}
        self.assertEqual(repeated, {})

    def test_a_reader_without_a_model_is_ready_once_a_worker_node_has_joined(self):
        reader = self.a_reader()
        wait_until(lambda: "worker node" in reader.get("/ready")[1], 30, lambda: reader.get("/ready"))
        worker = self.a_worker("gpu")
        reader.wait_ready()
        worker.wait_ready()
        self.ask(20)
        self.assert_all_ended(self.talk, reader, worker)
        self.assert_called_once()
        self.assertEqual(reader.events("node_joined")[0]["slots"], "4")

    def test_a_killed_reader_costs_no_model_call(self):
        workers = [self.a_worker("gpu%d" % i) for i in range(2)]
        reader = self.a_reader().wait_ready()
        for _ in range(5):
            self.ask(30)
            self.wait_at_work()
            reader.kill()
            reader.start()
        reader.wait_ready()
        self.assert_all_ended(self.talk, reader, *workers, doubled_allowed=True)
        self.assert_called_once()

    def test_a_reader_that_is_told_to_stop_leaves_at_once_and_costs_no_model_call(self):
        worker = self.a_worker("gpu")
        reader = self.a_reader().wait_ready()
        self.ask(40)
        self.wait_at_work()
        began = time.monotonic()
        self.assertEqual(reader.terminate(), 0)
        self.assertLess(time.monotonic() - began, 3)
        reader.start()
        self.assert_all_ended(self.talk, reader, worker)
        self.assert_called_once()

    def test_the_requests_of_a_killed_and_of_a_stopped_node_are_on_another_one(self):
        lost, other = self.a_worker("lost", slots=2), self.a_worker("other", slots=2)
        reader = self.a_reader().wait_ready()
        wait_until(lambda: len(reader.events("node_joined")) == 2, 30, reader.output)
        self.ask(60)
        self.wait_at_work()
        lost.kill()
        reader.wait_event("node_lost", 5)
        self.assert_all_ended(self.talk, reader, other)
        lost.start()
        wait_until(lambda: len(reader.events("node_joined")) == 3, 30, reader.output)
        self.ask(60)
        self.wait_at_work()
        lost.pause()
        try:
            wait_until(lambda: len(reader.events("node_lost")) == 2, 5, reader.output)
            self.assert_all_ended(self.talk, reader, other)
        finally:
            lost.resume()
        wait_until(lambda: len(reader.events("node_joined")) == 4, 30, reader.output)

    def test_a_worker_node_that_is_told_to_stop_finishes_what_it_has_begun(self):
        leaving, other = self.a_worker("leaving"), self.a_worker("other")
        reader = self.a_reader().wait_ready()
        wait_until(lambda: len(reader.events("node_joined")) == 2, 30, reader.output)
        self.ask(60)
        self.wait_at_work()
        self.assertEqual(leaving.terminate(), 0)
        self.assert_all_ended(self.talk, reader, other)
        self.assert_called_once()
        self.assertEqual(reader.events("node_lost"), [])

    def test_strangers_at_the_port_change_nothing(self):
        worker = self.a_worker("gpu")
        reader = self.a_reader().wait_ready()
        wait_until(lambda: reader.events("node_joined"), 30, reader.output)
        self.ask(20)
        self.assert_all_ended(self.talk, reader, worker)
        before = reader.memory_bytes()
        reader.reset_peak_memory()
        for rubbish in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096), b"", *FORGED_HEADERS):
            for _ in range(20):
                self.approach(rubbish)
        silent = [socket.create_connection(("127.0.0.1", self.node_port), timeout=5) for _ in range(20)]
        began = time.monotonic()
        for _ in range(1000):
            socket.create_connection(("127.0.0.1", self.node_port), timeout=5).close()
        self.assertLess(time.monotonic() - began, 10)
        self.assertLess(reader.memory_bytes("VmHWM") - before, STRANGERS_MEMORY_MAX)
        self.ask(20)
        self.assert_all_ended(self.talk, reader, worker)
        self.assertEqual(reader.events("node_lost"), [])
        self.assertEqual(reader.terminate(), 0)
        for each in silent:
            each.close()

    def approach(self, rubbish):
        with socket.create_connection(("127.0.0.1", self.node_port), timeout=5) as stranger, contextlib.suppress(ConnectionError):
            stranger.sendall(rubbish)
            stranger.settimeout(0.02)
            with contextlib.suppress(TimeoutError):
                while stranger.recv(4096):
                    pass


class Certificates(Nodes):
    """With certificates both sides prove who they are."""

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def certificates(self, name):
        """An authority of its own and a certificate of it, as settings."""
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ca-" + name, "-keyout", name + "-ca.key",
                     "-out", name + "-ca.pem")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr")
        self.openssl("x509", "-req", "-in", name + ".csr", "-CA", name + "-ca.pem", "-CAkey", name + "-ca.key", "-CAcreateserial", "-days", "2",
                     "-out", name + ".pem")
        return {"NODE_CERT": os.path.join(self.folder, name + ".pem"), "NODE_KEY": os.path.join(self.folder, name + ".key"),
                "NODE_CA": os.path.join(self.folder, name + "-ca.pem")}

    def setUp(self):
        super().setUp()
        self.folder = self.own(tempfile.TemporaryDirectory())
        self.ours = self.certificates("ours")

    def a_reader(self, **settings):
        return super().a_reader(**{**self.ours, **settings})

    def a_worker(self, name, **settings):
        return super().a_worker(name, **{**self.ours, **settings})

    def test_a_node_of_another_authority_and_one_without_a_certificate_stay_outside(self):
        reader = self.a_reader()
        stranger = self.a_worker("stranger", **self.certificates("theirs"))
        nobody = self.a_worker("nobody", NODE_CERT=None, NODE_KEY=None, NODE_CA=None)
        for each in (stranger, nobody):
            each.wait_event("reader_not_reached", 30)
        self.assertEqual(reader.events("node_joined"), [])
        worker = self.a_worker("gpu")
        reader.wait_ready()
        self.ask(10)
        self.assert_all_ended(self.talk, reader, worker)
        self.assertEqual(reader.terminate(), 0)

    def test_files_that_do_not_go_together_are_told_before_the_start(self):
        theirs = self.certificates("theirs")
        for wrong, text in (({"NODE_KEY": theirs["NODE_KEY"]}, "NODE_KEY: is not the key of NODE_CERT"),
                            ({"NODE_CA": theirs["NODE_CA"]}, "NODE_CERT: is of no use with NODE_CA"),
                            ({"NODE_CERT": "/no/such/file"}, "NODE_CERT: /no/such/file cannot be read"),
                            ({"NODE_CA": None}, "go together")):
            result = run_command("worker", **{"OLLAMA_HOST": self.stub.url, "NODE_JOIN": "127.0.0.1:1", "PORT": 0, **self.ours, **wrong})
            self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
            self.assertIn(text, result.stdout + result.stderr)


class Settings(IntegrationCase):
    def test_what_cannot_work_is_told(self):
        for settings, text in (({}, "--join"), ({"NODE_JOIN": "reader:port"}, "NODE_JOIN"), ({"NODE_JOIN": "a", "NODE_PORT": "x"}, "NODE_PORT")):
            result = run_command("worker", **settings)
            self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
            self.assertIn(text, result.stdout + result.stderr)

    def test_a_port_for_other_machines_needs_certificates(self):
        result = run_command(BOOTSTRAP_SERVER="127.0.0.1:1", NODE_PORT=7400, NODE_ADDRESS="0.0.0.0")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("NODE_CERT", result.stdout + result.stderr)
