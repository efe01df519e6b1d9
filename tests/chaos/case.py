"""What all scenarios share: the parts, started; the schedule of faults; the figures and what they have to be."""
import contextlib
import os
import shutil
import time
import unittest

from chaos import options
from chaos.commit_watcher import CommitWatcher
from chaos.figures import Commits, Fault, Figures
from chaos.stub_model import MODEL, StubModel
from chaos.traffic import Traffic
from fixtures import oracle
from fixtures.kafka_broker import Broker
from fixtures.processes import free_port
from fixtures.service import Service, log_fields

REQUESTS, PARTITIONS = 1500, 4
FIRST_FAULT_SECONDS = 3
# After the last request was asked: a group that waits for a dead member, the slowest retries, the backlog of all that.
PATIENCE_SECONDS = 90


class Member:
    """One service process after another under the same settings, its port too: host and port are the name of its transactions."""

    def __init__(self, service):
        self.service = service
        self.logs, self.problems = [], []

    def is_running(self):
        return self.service.child is not None

    def start(self):
        self.service.start()
        return self

    def _end(self):
        self.logs.append(self.service.output())
        self.service.close()
        self.service.child = None

    def events(self, name):
        """The log's, of all its lives."""
        lines = "\n".join([*self.logs, self.service.log() if self.is_running() else ""]).splitlines()
        return [fields for fields in map(log_fields, lines) if fields.get("event") == name]

    def kill(self):
        """SIGKILL; gives the time after which it did nothing any more."""
        self.service.kill()
        at = time.monotonic()
        self._end()
        return at

    def terminate(self):
        """SIGTERM, and waits for its end."""
        code = self.service.terminate()
        if code != 0:
            self.problems.append("exit code %d after SIGTERM" % code)
        self._end()

    def check_alive(self):
        if self.is_running() and self.service.exit_code() is not None:
            raise AssertionError("a service ended by itself with %d:\n%s" % (self.service.exit_code(), self.service.output()[-4000:]))

    def close(self):
        if self.is_running():
            self._end()


class ChaosCase(unittest.TestCase):
    name = None        # of the scenario, in its line of figures
    requests = REQUESTS
    partitions = PARTITIONS
    members = 1
    model_hosts = 1

    def prepare(self, broker=None, **settings):
        """Broker, model, traffic, watcher and services, all at work; the load begins."""
        self.faults = []
        self.broker = broker or self.enterContext(Broker())
        self.broker.create_topics(oracle.OUTPUT_TOPICS, {"message.timestamp.type": "LogAppendTime"})
        self.stub = self.enterContext(StubModel(self.model_hosts))
        self.traffic = self.enterContext(Traffic(self.broker, options.requests or self.requests, self.partitions))
        self.watcher = self.enterContext(CommitWatcher(self.broker, self.traffic.group, self.traffic.topic, self.partitions,
                                                       oracle.OUTPUT_TOPICS, read_committed=not options.exactly_once()))
        self.team = []
        for number in range(self.members):
            own = {name: value % number if "%d" in str(value) else value for name, value in {**settings, **self.settings_of(number)}.items()}
            self.team.append(self.own(Service(self.broker.address, self.stub.url, MODEL, self.traffic.topic, self.traffic.group, **{
                "DELIVERY": options.delivery, "CONCURRENT_REQUESTS": 16, "LOG_LEVEL": "INFO", "PORT": free_port(), **own})))
        for member in [*self.team, *self.prepare_others()]:
            member.start()
        for member in self.team:
            member.service.wait_ready()
        self.traffic.start()

    def own(self, service):
        """As a Member, ended with the case."""
        member = Member(service)
        self.addCleanup(member.close)
        return member

    def settings_of(self, _number):
        """Of one member, beside those of all."""
        return {}

    def prepare_others(self):
        """Further processes, in the order in which they are to end."""
        self.others = []
        return self.others

    # Faults.

    def every(self, seconds, deed, most=None):
        """Calls `deed` every so often while the load lasts, the last time early enough for its whole period. `deed` gives Faults."""
        due = self.traffic.began + FIRST_FAULT_SECONDS
        while due + seconds <= self.traffic.over and len(self.faults) != most:
            self._sleep_until(due)
            self.faults += deed()
            due = max(due + seconds, time.monotonic())
        if not self.faults:
            raise AssertionError("the load is too short for a fault")

    @staticmethod
    def now():
        return time.monotonic()

    def _sleep_until(self, due):
        while (left := due - time.monotonic()) > 0:
            self.check_alive()
            time.sleep(min(left, 0.1))

    def model_fault(self, begin, seconds, end="answer"):
        """The model does as `begin` says for so long, each time a quarter of a second longer: it returns at any moment between two probes."""
        seconds += len(self.faults) % 4 / 4
        at = self.stub.tell(begin.format(seconds))
        self._sleep_until(at + seconds)
        return [Fault(at, self.stub.tell(end) if end else time.monotonic())]

    def check_alive(self):
        self.traffic.check()
        self.watcher.check_alive()
        for member in [*self.team, *self.others]:
            member.check_alive()

    # The end.

    def conclude(self, limit_seconds=None, back_in=None):
        """Waits until all is quiet, prints the line of figures and checks it. `back_in(figures)`: seconds of each recovery; `limit_seconds`:
        what none of them may exceed."""
        self._sleep_until(self.traffic.over)
        try:
            self.traffic.wait_ended(PATIENCE_SECONDS, self.check_alive)
            self._wait_committed()
            for member in [*self.team, *self.others]:
                if member.is_running():
                    member.terminate()
            self.traffic.read_to_end()
        finally:
            self._keep_records()
        figures = self._figures()
        took = back_in(figures) if back_in else figures.back_in(self.traffic.over)
        self._print(figures, took, limit_seconds)
        self._check(figures, took, limit_seconds)

    def _figures(self):
        return Figures(self.traffic.requests, self.traffic.unasked, self.stub.calls(), Commits(self.watcher.looks()), self.faults)

    def _wait_committed(self, seconds=20):
        until = time.monotonic() + seconds
        while self._figures().uncommitted and time.monotonic() < until:
            self.check_alive()
            time.sleep(0.5)

    def _print(self, f, took, limit):
        back = "" if limit is None else " back_in=%s (limit %gs, %d of %d measured)" % (
            "%.2fs" % max(took) if took else "never", limit, len(took), len(f.faults))
        self.line = ("chaos: %s delivery=%s requests=%d faults=%d lost=%d doubled=%d wrong=%d early=%d redone=%d repeated=%d in_flight=%d errors=%d "
                     "dead_letters=%d uncommitted=%d silence=%.1fs%s" % (
                         self.name or self._testMethodName.removeprefix("test_"), options.delivery, self.traffic.count, len(f.faults), len(f.lost),
                         len(f.doubled), len(f.wrong), len(f.early), len(f.redone), len(f.repeated), f.in_flight_total(), len(f.errors), len(f.letters),
                         len(f.uncommitted), f.longest_silence(), back))
        print("\n" + self.line, flush=True)

    def _check(self, f, took, limit):
        breaches = []

        def must_be_empty(what, found):
            if found:
                some = list(found.items())[:5] if isinstance(found, dict) else sorted(found)[:10]
                breaches.append("%d %s: %s" % (len(found), what, some))
        must_be_empty("lost", f.lost)
        must_be_empty("wrong", f.wrong)
        must_be_empty("committed before an end could be read", f.early)
        must_be_empty("not committed at the end", f.uncommitted)
        must_be_empty("error replies", f.errors)
        must_be_empty("dead letters", f.letters)
        must_be_empty("calls of requests whose end was committed before", f.repeated)
        must_be_empty("calls repeated though no kill found the request in flight", f.redone_without_cause)
        if options.exactly_once():
            must_be_empty("doubled", f.doubled)
        must_be_empty("doubled though no kill found the request in flight", f.doubled_without_cause)
        must_be_empty("problems of a service", [problem for member in [*self.team, *self.others] for problem in member.problems])
        breaches.extend(self.further_breaches(f))
        if limit is not None:
            if not took:
                breaches.append("no recovery could be measured")
            elif max(took) > limit:
                breaches.append("back in %s s, allowed are %g" % (", ".join("%.2f" % each for each in took), limit))
        if breaches:
            raise AssertionError("\n".join([self.line] + breaches))

    def further_breaches(self, _figures):
        """What else a scenario wants: a line for each breach."""
        return []

    def _keep_records(self):
        if not options.keep:
            return
        folder = os.path.join(options.keep, "%s-%s" % (self._testMethodName, options.delivery))
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for records in (self.stub.records, self.watcher.records):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(records, folder)
        for number, member in enumerate([*self.team, *self.others]):
            logs = member.logs + ([member.service.output()] if member.is_running() else [])
            for life, text in enumerate(logs):
                with open(os.path.join(folder, "service-%d-%02d.log" % (number, life)), "w", encoding="utf-8") as out:
                    out.write(text)
        with open(os.path.join(folder, "requests.txt"), "w", encoding="utf-8") as out:
            out.write("faults: %s\n" % [(fault.at, fault.over) for fault in self.faults])
            for r in self.traffic.requests:
                out.write("%s partition=%d offset=%s asked=%s %s %s\n" % (
                    r.key, r.partition, r.offset, r.asked_at, " ".join("%s=%.3f@%s/%d:%d" % (kind, end.at, *end.place)
                    for kind, ends in (("reply", r.replies), ("error", r.errors), ("letter", r.letters)) for end in ends), r.wrong or ""))
