"""Worker nodes on machines and links of their own: cables that are pulled, links that are slow, far or deaf, releases side by side."""
import os
import re
import subprocess
import tempfile
import time
import zlib

from chaos.stub_model import MODEL, StubModel
from fixtures import photos
from fixtures.link_proxy import LinkProxy
from fixtures.namespaces import Namespace, require_namespaces
from fixtures.oracle import photo_reply, text_reply
from fixtures.parts import REPOSITORY
from fixtures.processes import free_port
from fixtures.service import Service, environment, program
from fixtures.waiting import stays_true, wait_until
from integration.case import IntegrationCase

PARTS = "kafka"
LOST_SECONDS = 1.2
# A photo of 12 MiB as the record has it.
LARGE_PHOTO_BYTES = 9_000_000


class NodeLinkCase(IntegrationCase):
    def setUp(self):
        self.talk = self.conversation(partitions=4)
        self.port = free_port()

    def a_reader(self, name="reader", port=None, **settings):
        return self.service(self.talk, MODEL, hosts="none", **{"OLLAMA_HOST": "", "NODE_PORT": port or self.port, "NODE_NAME": name,
                                                               "GROUP_INSTANCE_ID": name, **settings})

    def a_worker(self, name, url, join, slots=4, prefix=(), path=None, **settings):
        worker = Service(None, url, MODEL, None, None, arguments=["worker"], prefix=prefix, path=path, CONCURRENT_REQUESTS=slots, NODE_NAME=name,
                         NODE_JOIN=join, DRAIN_TIMEOUT=10, **settings)
        self.addCleanup(worker.close)
        worker.start()
        self.addCleanup(self._check_log, worker)
        return worker

    def ask(self, count, photo_base64=None):
        for _ in range(count):
            key = self.talk.next_key()
            if photo_base64:
                answer = '{"id":"%s","photo":%d}' % (key, zlib.crc32(photo_base64.encode()))
                self.talk.photo(photo_reply(answer), photo_base64, prompt="[request %s]" % key)
            else:
                self.talk.text(text_reply(fields={"id": key, "photo": 0}), prompt="[request %s]" % key)
        self.talk.publish()

    def wait_joined(self, count, *readers):
        for reader in readers:
            wait_until(lambda: len(reader.events("node_joined")) >= count, 60, reader.output)
            reader.wait_ready()

    def wait_event_after(self, service, name, count, since, seconds):
        """Until there are so many events of this name; gives how long after `since` it took."""
        wait_until(lambda: len(service.events(name)) >= count, seconds, service.output, interval=0.01)
        return time.monotonic() - since

    def assert_called_once(self, stub):
        stub.catch_up()
        self.assertEqual({key: len(calls) for key, calls in stub.calls().items() if len(calls) > 1}, {})


class Machines(NodeLinkCase):
    """Each node in a network namespace."""

    def setUp(self):
        require_namespaces()
        super().setUp()
        folder = self.own(tempfile.TemporaryDirectory())
        subprocess.run([os.path.join(REPOSITORY, "deploy", "certificates"), folder, "node"], check=True, capture_output=True)
        self.certificates = {"NODE_CERT": folder + "/node.pem", "NODE_KEY": folder + "/node.key", "NODE_CA": folder + "/ca.pem"}

    def machines(self, count):
        machines = [self.own(Namespace()) for _ in range(count)]
        self.stub = self.own(StubModel(addresses=[each.here for each in machines]))
        return machines

    def a_reader(self, name="reader", port=None, **settings):
        return super().a_reader(name, port, NODE_ADDRESS="0.0.0.0", **self.certificates, **settings)

    def a_worker_on(self, machine, number, ports, slots=4):
        join = ",".join("%s:%d" % (machine.here, port) for port in ports)
        return self.a_worker("gpu%d" % number, self.stub.urls[number], join, slots, machine.prefix(), **self.certificates)

    def test_one_reader_and_four_machines(self):
        machines = self.machines(4)
        reader = self.a_reader()
        workers = [self.a_worker_on(machine, number, [self.port]) for number, machine in enumerate(machines)]
        self.wait_joined(4, reader)
        self.ask(80)
        self.assert_all_ended(self.talk, reader, *workers)
        self.assert_called_once(self.stub)
        self.assertEqual({call.host for calls in self.stub.calls().values() for call in calls}, {0, 1, 2, 3})

    def test_two_readers_and_three_machines_of_which_a_reader_dies(self):
        machines, other_port = self.machines(3), free_port()
        readers = [self.a_reader("one", self.port), self.a_reader("two", other_port)]
        workers = [self.a_worker_on(machine, number, [self.port, other_port]) for number, machine in enumerate(machines)]
        self.wait_joined(3, *readers)
        self.stub.tell("delay 0.5")
        self.ask(60)
        wait_until(lambda: len(self.stub.calls()) >= 10, 30, "models work")
        readers[0].kill()
        readers[0].start()
        self.assert_all_ended(self.talk, *readers, *workers, doubled_allowed=True)
        self.assert_called_once(self.stub)

    def test_a_pulled_cable_is_seen_in_time_and_its_requests_are_elsewhere(self):
        machines = self.machines(2)
        reader = self.a_reader()
        workers = [self.a_worker_on(machine, number, [self.port], slots=8) for number, machine in enumerate(machines)]
        self.wait_joined(2, reader)
        self.stub.tell("delay 0.3")
        self.ask(40)
        wait_until(lambda: {call.host for calls in self.stub.calls().values() for call in calls} == {0, 1}, 30, "both machines work")
        machines[0].pull()
        took = self.wait_event_after(reader, "node_lost", 1, time.monotonic(), 10)
        self.assertLess(took, LOST_SECONDS)
        self.assert_all_ended(self.talk, reader, *workers)
        machines[0].plug()
        self.wait_joined(3, reader)
        self.ask(40)
        self.assert_all_ended(self.talk, reader, *workers)


class Links(NodeLinkCase):
    """Between reader and node there is a link of ours."""

    def setUp(self):
        super().setUp()
        self.stub = self.own(StubModel())

    def a_link(self, **options):
        return self.own(LinkProxy(free_port(), ("127.0.0.1", self.port), **options))

    def joined(self, link, **settings):
        reader = self.a_reader(**settings)
        worker = self.a_worker("gpu", self.stub.url, "127.0.0.1:%d" % link.port, slots=8)
        self.wait_joined(1, reader)
        return reader, worker

    def test_a_link_that_is_deaf_in_one_direction_is_seen_in_time_by_both_and_joined_again_when_it_is_not(self):
        for directions in ((LinkProxy.TO_TARGET,), (LinkProxy.TO_CLIENT,), ()):
            with self.subTest(deaf=directions or "both"):
                self.talk = self.conversation(partitions=4)
                self.port = free_port()
                link = self.a_link()
                reader, worker = self.joined(link)
                self.ask(20)
                since = time.monotonic()
                link.cut(*directions)
                # Of what one of them hears no more it tells the other, where that can still be heard.
                for service, event in ((reader, "node"), (worker, "reader")):
                    wait_until(lambda: service.events(event + "_lost") + service.events(event + "_left"), 10, service.output, interval=0.01)
                self.assertLess(time.monotonic() - since, LOST_SECONDS + (0 if len(directions) != 1 else LOST_SECONDS))
                link.heal()
                self.wait_joined(2, reader)
                self.assert_all_ended(self.talk, reader, worker)

    def test_a_link_that_is_reset_is_joined_again_at_once_and_costs_no_call(self):
        link = self.a_link()
        reader, worker = self.joined(link)
        self.stub.tell("delay 0.3")
        for number in range(5):
            self.ask(10)
            wait_until(lambda: len(self.stub.calls()) > number * 10, 30, "the model works")
            since = time.monotonic()
            link.reset()
            self.assertLess(self.wait_event_after(reader, "node_joined", number + 2, since, 10), 1)
        self.assert_all_ended(self.talk, reader, worker)
        self.assert_called_once(self.stub)

    def test_a_link_as_long_as_the_earth_is_wide_loses_nobody(self):
        link = self.a_link(delay_seconds=0.15)
        reader, worker = self.joined(link)
        self.ask(100)
        self.assert_all_ended(self.talk, reader, worker)
        self.assert_called_once(self.stub)
        self.assertEqual(reader.events("node_lost") + worker.events("reader_lost"), [])

    def test_large_photos_over_a_slow_link_lose_nobody_and_do_not_hold_up_small_requests(self):
        link = self.a_link(bytes_per_second=10_000_000 // 8)
        reader, worker = self.joined(link, MAX_REQUEST_BYTES="14MiB")
        photo = photos.base64_text(photos.jpeg_of_bytes(LARGE_PHOTO_BYTES))
        self.ask(2, photo)
        wait_until(lambda: reader.metrics()['models_processor_node_slots{state="in_flight"}'] >= 2, 30, "the photos are on their way")
        since = time.monotonic()
        self.ask(10)
        wait_until(lambda: sum(1 for each in self.stub.calls()) >= 10, 20, "small requests overtake")
        self.assertLess(time.monotonic() - since, 8)  # the photos need 20 s
        self.assert_all_ended(self.talk, reader, worker)
        self.assertEqual(reader.events("node_lost") + worker.events("reader_lost"), [])


class Releases(NodeLinkCase):
    """Programs of different protocols side by side."""

    def setUp(self):
        super().setUp()
        self.stub = self.own(StubModel())
        self.other = os.environ.get("OTHER_PROTOCOLS") or os.path.join(os.path.dirname(program()), "tests", "other_protocols")

    def a_reader_of(self, oldest, newest):
        reader = Service(self.talk.broker.address, "none", MODEL, self.talk.topic, self.talk.group, path=self.other, OLLAMA_HOST="",
                         NODE_PORT=self.port, NODE_NAME="reader", OLDEST=oldest, NEWEST=newest)
        self.addCleanup(reader.close)
        return reader.start()

    def a_worker_of(self, oldest, newest):
        return self.a_worker("gpu", self.stub.url, "127.0.0.1:%d" % self.port, path=self.other, OLDEST=oldest, NEWEST=newest)

    def test_neighbours_work_together_whichever_is_newer(self):
        for reader_speaks, worker_speaks, spoken in (((2, 3), (2, 2), "2"), ((2, 2), (2, 3), "2"), ((2, 3), (3, 4), "3")):
            with self.subTest(reader=reader_speaks, worker=worker_speaks):
                self.talk = self.conversation(partitions=4)
                self.port = free_port()
                reader, worker = self.a_reader_of(*reader_speaks), self.a_worker_of(*worker_speaks)
                self.wait_joined(1, reader)
                self.ask(20)
                self.assert_all_ended(self.talk, reader, worker)
                self.assertEqual(reader.events("node_joined")[0]["protocol"], spoken)

    def test_others_are_refused_with_both_numbers_once_a_minute(self):
        reader, worker = self.a_reader_of(2, 2), self.a_worker_of(3, 4)
        said = "it speaks protocol 3 to 4, this reader 2"
        self.assertEqual(reader.wait_event("node_refused")["reason"], said)
        self.assertIn(said, worker.wait_event("reader_refuses")["reason"])
        stays_true(lambda: len(reader.events("node_refused")) == 1 and not reader.events("node_joined"), 3, "it is refused once")


class Quickstart(NodeLinkCase):
    """The commands of the README's "More machines", as they stand there but for ports, and for machines that are this one."""

    def setUp(self):
        super().setUp()
        self.stub = self.own(StubModel())
        self.folder = self.own(tempfile.TemporaryDirectory())
        with open(os.path.join(REPOSITORY, "README.md"), encoding="utf-8") as readme:
            section = readme.read().split("### More machines")[1].split("\n### ")[0]
        self.on_one, self.between = ([line.split("   #")[0].strip() for line in block.strip().split("\n") if not line.startswith("#")]
                                     for block in re.findall(r"```\n(.*?)```", section, re.S))

    def run_line(self, line, **settings):
        for written, here in (("build/models-processor", program()), ("reader1:", "127.0.0.1:"), ("7400", str(self.port)), ("5001", "0"),
                              ("deploy/certificates", os.path.join(REPOSITORY, "deploy", "certificates"))):
            line = line.replace(written, here)
        service = Service(self.talk.broker.address, self.stub.url, MODEL, self.talk.topic, self.talk.group, path="/bin/sh",
                          arguments=["-c", "cd %s && exec env %s" % (self.folder, line)], **settings)
        self.addCleanup(service.close)
        return service.start()

    def check(self, reader_line, worker_line):
        reader, worker = self.run_line(reader_line, NODE_ADDRESS="127.0.0.1"), self.run_line(worker_line)
        self.wait_joined(1, reader)
        self.ask(20)
        self.assert_all_ended(self.talk, reader, worker)
        self.assertEqual((reader.terminate(), worker.terminate()), (0, 0))

    def test_on_one_machine(self):
        self.assertEqual(len(self.on_one), 2)
        self.check(*self.on_one)

    def test_between_machines(self):
        make, reader_line, worker_line = self.between
        self.assertEqual(self.run_line(make).wait_exit(30), 0)
        self.folder += "/certs"
        self.check(reader_line, worker_line)


class Check(NodeLinkCase):
    """`check --join` says what is between a worker node and its readers, and joins none."""

    def setUp(self):
        super().setUp()
        self.stub = self.own(StubModel())
        self.folder = self.own(tempfile.TemporaryDirectory())
        for authority in ("ours", "theirs"):
            subprocess.run([os.path.join(REPOSITORY, "deploy", "certificates"), os.path.join(self.folder, authority), "node"], check=True,
                           capture_output=True)

    def certificates(self, authority):
        folder = os.path.join(self.folder, authority)
        return {"NODE_CERT": folder + "/node.pem", "NODE_KEY": folder + "/node.key", "NODE_CA": folder + "/ca.pem"}

    def check(self, path=None, **settings):
        return subprocess.run([path or program(), "check", "--join", "127.0.0.1:%d" % self.port],
                              env=environment(OLLAMA_HOST=self.stub.url, OLLAMA_MODEL=MODEL, **settings), capture_output=True, text=True, timeout=60)

    def test_a_reader_that_would_take_the_node(self):
        reader = self.a_reader()
        reader.wait_event("node_port_listening")
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("takes this node", result.stdout)
        self.assertIn("only readers on this machine", result.stdout)
        self.assertNotIn("Kafka", result.stdout)
        self.assertEqual(reader.events("node_joined") + reader.events("node_refused"), [])

    def test_nobody_there_another_authority_no_certificate_and_another_protocol(self):
        self.assertIn("nobody answers", self.failed(self.check()))
        reader = self.a_reader(**self.certificates("ours"), NODE_ADDRESS="127.0.0.1")
        reader.wait_event("node_port_listening")
        self.assertEqual(self.check(**self.certificates("ours")).returncode, 0)
        self.assertIn("one authority", self.failed(self.check(**self.certificates("theirs"))))
        self.assertIn("one authority", self.failed(self.check()))
        self.assertIn("NODE_KEY", self.failed(self.check(**{**self.certificates("ours"), "NODE_KEY": self.certificates("theirs")["NODE_KEY"]})))
        other = os.environ.get("OTHER_PROTOCOLS") or os.path.join(os.path.dirname(program()), "tests", "other_protocols")
        self.assertIn("it speaks protocol 7 to 8", self.failed(self.check(other, OLDEST=7, NEWEST=8, **self.certificates("ours"))))

    def failed(self, result):
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        return result.stdout
