#!/usr/bin/env python3
"""What one message costs: processor time per text, per photo, and the rate against a model that takes 50 ms.

    cpu_per_message.py [--text] [--photo] [--text-50ms] [--rounds 3] [--no-floor] [--check]
    cpu_per_message.py --against PROGRAM [--text] [--photo] [--turns 100]

Real Kafka, 4 partitions, a stub model server, 64 requests in flight. For each round a fresh topic: the program is ready and warm, it is
stopped (SIGSTOP), the topic is filled, it goes on, and its user and system time is taken from /proc/PID/stat from there to its last
reply. Replies are read only afterwards, every id is counted. Service and bare loop (see bare_loop.cpp) take turns: the same program may
cost half as much again at another hour, so only ratios of one run count.

--against: another build of the service beside this one. Both stay up, in turn each is given a tenth of the messages, and the median of
the turns' ratios counts; the machine's own changes take longer than a turn. --check: exit 1 when a limit is missed or an id is.
"""
import argparse
import contextlib
import os
import platform
import signal
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmark.load import Replies, fill
from benchmark.programs import StubOllama, bare_loop
from fixtures.kafka_broker import Broker
from fixtures.oracle import OUTPUT_TOPICS
from fixtures.processes import Child, cpu_seconds, run_time
from fixtures.service import Service
from fixtures.waiting import wait_until

PARTITIONS = 4
IN_FLIGHT = 64
# A program that is stopped sends no heartbeats; it must keep its partitions while the topic is filled.
SESSION_MS = 120_000
EXACTLY_ONCE = "exactly-once"
OTHER = "other"

# name: (kind, delay of the model in ms, messages, warm-up messages, limit, what the limit is of)
PHASES = {
    "text": ("text", 0, 30_000, 3_000, 0.15, "cpu"),
    "photo": ("photo", 0, 3_000, 300, 0.5, "cpu"),
    "text-50ms": ("text", 50, 12_800, 1_280, 0.95, "rate"),
}


class Measured:
    """A program under measurement: how to start it, and its process."""

    def __init__(self, name, broker, stub, topic, group, path=None):
        self.name = name
        if name in ("service", OTHER, EXACTLY_ONCE):
            delivery = {"DELIVERY": EXACTLY_ONCE, "TRANSACTIONAL_ID": topic} if name == EXACTLY_ONCE else {}
            self.service = Service(broker.address, stub.url, "stub:latest", topic, group, CONCURRENT_REQUESTS=IN_FLIGHT, LOG_LEVEL="INFO",
                                   path=path if name == OTHER else None, KAFKA_SESSION_TIMEOUT_MS=SESSION_MS, **delivery)
            self.service.start()
            self.child = self.service.child
        else:
            self.service = None
            self.child = Child([bare_loop(), broker.address, topic, group, "127.0.0.1", str(stub.port), str(IN_FLIGHT)], name="bare-loop")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close()

    def is_alive(self):
        if self.child.exit_code() is not None:
            raise RuntimeError("%s ended with %d:\n%s" % (self.name, self.child.exit_code(), (self.child.stdout() + self.child.stderr())[-4000:]))
        return True

    def peak_memory(self):
        with open("/proc/%d/status" % self.child.pid, encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def wait_replies(program, replies, count, seconds, before):
    # The ends of transactions take offsets too, so there the service's own count (`before`: until now) tells when it is done.
    given = (lambda: sum_of_ends(program) - before) if program.name == EXACTLY_ONCE else replies.count
    wait_until(lambda: program.is_alive() and given() >= count, seconds,
               lambda: "%s has given %d replies, not only %d:\n%s" % (program.name, count, given(), (program.child.stdout() + program.child.stderr())[-3000:]),
               interval=0.2 if program.name == EXACTLY_ONCE else 0.02)


def sum_of_ends(program):
    if program.name != EXACTLY_ONCE:
        return 0
    return sum(value for name, value in program.service.metrics().items() if name.startswith("models_processor_requests_total"))


def measure(program_name, broker, stub, phase, number):
    kind, _, count, warm_up, _, _ = PHASES[phase]
    topic = "bench-%s-%s-%d-%d" % (phase, program_name, os.getpid(), number)
    broker.create_topics({topic: PARTITIONS})
    with contextlib.ExitStack() as stack:
        program = stack.enter_context(Measured(program_name, broker, stub, topic, "group-" + topic))
        if program.service:
            program.service.wait_ready()
        warm = stack.enter_context(contextlib.closing(Replies(broker)))
        fill(broker, topic, kind, ["warm-%s-%d" % (topic, i) for i in range(warm_up)], PARTITIONS)
        wait_replies(program, warm, warm_up, 120, 0)
        wait_until(lambda: is_idle(program), 30, "the program is idle after its warm-up", interval=0.2)

        before = sum_of_ends(program)
        program.child.send_signal(signal.SIGSTOP)
        keys = ["%s-%d" % (topic, i) for i in range(count)]
        replies = stack.enter_context(contextlib.closing(Replies(broker)))
        fill(broker, topic, kind, keys, PARTITIONS)
        with open("/proc/%d/clear_refs" % program.child.pid, "w", encoding="ascii") as out:
            out.write("5")  # the peak of resident memory starts anew
        cpu_before, began = cpu_seconds(program.child.pid), time.time()
        program.child.send_signal(signal.SIGCONT)
        wait_replies(program, replies, count, 300, before)
        cpu = cpu_seconds(program.child.pid) - cpu_before
        judged = replies.judge(kind, keys)
        seconds = max(judged["last"] - began, 0.001)
        return {"cpu_ms": cpu * 1000 / count, "rate": count / seconds, "steady_rate": count / max(judged["last"] - judged["first"], 0.001),
                "peak_mb": program.peak_memory(), "bad": {k: judged[k] for k in ("lost", "doubled", "wrong") if judged[k]}}


def compare(broker, phase, path, turns):
    """Ratios of processor time, turn by turn: this build's to the one at `path`."""
    kind, delay, count, warm_up, _, _ = PHASES[phase]
    per_turn = count // 10
    with contextlib.ExitStack() as stack:
        stub = stack.enter_context(StubOllama("--delay-ms", str(delay)))
        replies = stack.enter_context(contextlib.closing(Replies(broker)))
        done, programs = 0, []

        def give(program, topic, prefix, messages):
            nonlocal done
            program.child.send_signal(signal.SIGSTOP)
            fill(broker, topic, kind, ["%s-%s-%d" % (topic, prefix, i) for i in range(messages)], PARTITIONS)
            before = run_time(program.child.pid)
            program.child.send_signal(signal.SIGCONT)
            done += messages
            wait_replies(program, replies, done, 300, 0)
            return run_time(program.child.pid) - before

        for name in ("service", OTHER):
            topic = "against-%s-%s-%d" % (phase, name, os.getpid())
            broker.create_topics({topic: PARTITIONS})
            program = stack.enter_context(Measured(name, broker, stub, topic, "group-" + topic, path))
            program.service.wait_ready()
            give(program, topic, "warm", warm_up)
            programs.append((program, topic))
        ratios = []
        for turn in range(turns):
            used = {}
            for program, topic in programs if turn % 2 == 0 else reversed(programs):
                used[program.name] = give(program, topic, str(turn), per_turn)
            ratios.append(used["service"] / used[OTHER])
        return ratios


def is_idle(program, window=0.2):
    """Whether it used next to no time during `window` seconds."""
    before, until = cpu_seconds(program.child.pid), time.monotonic() + window
    wait_until(lambda: time.monotonic() >= until, window + 5, "the window is over")
    return program.is_alive() and cpu_seconds(program.child.pid) - before <= 0.02


def summary(results, name):
    return statistics.median(result[name] for result in results)


def print_comparison(options):
    with Broker() as broker:
        broker.create_topics(OUTPUT_TOPICS)
        for phase in options.phases or ("text", "photo"):
            ratios = sorted(compare(broker, phase, options.against, options.turns))
            print("%-10s CPU a message to that of %s: median %.3f of %d turns, half of them between %.2f and %.2f" % (
                phase, options.against, statistics.median(ratios), len(ratios), ratios[len(ratios) // 4], ratios[len(ratios) * 3 // 4]), flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for phase in PHASES:
        parser.add_argument("--" + phase, dest="phases", action="append_const", const=phase)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-floor", action="store_true", help="leave the bare loop out")
    parser.add_argument("--only-floor", action="store_true", help="measure the bare loop alone")
    parser.add_argument("--check", action="store_true", help="exit 1 when a limit is missed")
    parser.add_argument("--" + EXACTLY_ONCE, action="store_true", help="the service with DELIVERY=exactly-once as well")
    parser.add_argument("--against", metavar="PROGRAM", help="another build of the service, to compare this one with")
    parser.add_argument("--turns", type=int, default=100, help="of each program, with --against")
    options = parser.parse_args()
    if options.against:
        return print_comparison(options)
    programs = ["bare-loop"] if options.only_floor else ["service"] if options.no_floor else ["bare-loop", "service"]
    if options.exactly_once:
        programs.append(EXACTLY_ONCE)
    missed = False
    print("%s, %d processors, load %.1f, %s" % (platform.platform(), os.cpu_count(), os.getloadavg()[0], time.strftime("%Y-%m-%d %H:%M")))
    with Broker() as broker:
        broker.create_topics(OUTPUT_TOPICS)
        for phase in options.phases or PHASES:
            kind, delay, count, _, limit, limited = PHASES[phase]
            results = {program: [] for program in programs}
            with StubOllama("--delay-ms", str(delay)) as stub:
                for number in range(options.rounds):
                    for program in programs:
                        result = measure(program, broker, stub, phase, number)
                        results[program].append(result)
                        print("%-10s round %d  %-9s  %.4f ms CPU a message, %7.0f msg/s (%.0f between first and last reply), peak %.0f MB%s" % (
                            phase, number + 1, program, result["cpu_ms"], result["rate"], result["steady_rate"], result["peak_mb"],
                            ", WRONG: %s" % {k: v[:5] for k, v in result["bad"].items()} if result["bad"] else ""), flush=True)
                        missed = missed or bool(result["bad"])
            medians = {program: summary(results[program], "cpu_ms") for program in programs}
            print("%-10s median of %d rounds of %d messages: %s" % (phase, options.rounds, count, ", ".join(
                "%s %.4f ms, %.0f msg/s, %.0f MB" % (p, medians[p], summary(results[p], "rate"), summary(results[p], "peak_mb")) for p in programs)))
            if "bare-loop" in medians and "service" in medians:
                print("%-10s ratio to the bare loop: %.2f" % (phase, medians["service"] / medians["bare-loop"]))
            if EXACTLY_ONCE in medians and "service" in medians:
                print("%-10s exactly-once to at-least-once: %.2f" % (phase, medians[EXACTLY_ONCE] / medians["service"]))
            if "service" in programs:
                if limited == "cpu":
                    good, told = medians["service"] <= limit, "at most %.2f ms of CPU a message" % limit
                else:
                    possible = IN_FLIGHT * 1000 / delay
                    rate = summary(results["service"], "steady_rate")
                    good, told = rate >= limit * possible, "at least %.0f %% of %.0f a second; measured: %.1f %%" % (limit * 100, possible, 100 * rate / possible)
                print("%-10s limit %s: %s" % (phase, told, "kept" if good else "MISSED"), flush=True)
                missed = missed or not good
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
