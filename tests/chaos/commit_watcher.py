"""Looks at what a group has committed, all the time, and at what can be read of the replies directly after each look.

    commit_watcher.py BOOTSTRAP GROUP TOPIC PARTITIONS READ_COMMITTED OUTPUT_TOPIC=PARTITIONS,... RECORDS     until SIGTERM

The order of the two looks makes the check sound. What the first one shows as finished was committed before; if its reply was there before the
commit, it lies below the ends that the second one shows. So a reply at or behind those ends was not readable when its request was already
committed. A reply that came between the commit and the second look is excused wrongly, which hides an early commit for as long as the two
looks are apart: they travel in one write where one broker answers both. Nothing is accused wrongly, however late the watcher is.

Each look that shows something new is one line of RECORDS: the time of its arrival, the newly finished offsets, the ends.
With READ_COMMITTED=0 the ends include open transactions: the offsets of a committed transaction can be seen some milliseconds before its
replies' markers are written, though its outcome is decided.
"""
import json
import os
import signal
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from chaos import kafka_wire
from fixtures.processes import Child, temporary_folder
from fixtures.waiting import wait_until

PAUSE_SECONDS = 0.015


class Watcher:
    def __init__(self, bootstrap, group, topic, partitions, read_committed, outputs, records):
        self.bootstrap, self.group, self.topic, self.partitions = bootstrap.split(","), group, topic, partitions
        self.read_committed, self.outputs, self.records = read_committed, outputs, records
        self.connections, self.coordinator, self.leaders = {}, None, {}
        self.finished = {partition: set() for partition in range(partitions)}
        self.below = {partition: 0 for partition in range(partitions)}  # every offset below is in the records

    def run(self, ended):
        while not ended:
            try:
                if self.coordinator is None:
                    self._look_around()
                self._look()
            except (OSError, kafka_wire.NotNow):
                self._forget()
            time.sleep(PAUSE_SECONDS)

    def _forget(self):
        for connection in self.connections.values():
            connection.close()
        self.connections, self.coordinator = {}, None

    def _to(self, address):
        if address not in self.connections:
            self.connections[address] = kafka_wire.Connection(address)
        return self.connections[address]

    def _look_around(self):
        for address in self.bootstrap:
            try:
                answers = self._to(address).ask(kafka_wire.find_coordinator(self.group), kafka_wire.metadata(sorted(self.outputs)))
                coordinator, places = kafka_wire.read_coordinator(answers[0]), kafka_wire.read_metadata(answers[1])
            except (OSError, kafka_wire.NotNow):
                self._forget()
                continue
            self.leaders = {}
            for place, (leader, _) in places.items():
                self.leaders.setdefault(leader, []).append(place)
            self.coordinator = coordinator
            return
        raise kafka_wire.NotNow("no broker knows")

    def _look(self):
        commits = kafka_wire.offset_fetch(self.group, self.topic, self.partitions)
        ends = {leader: kafka_wire.list_ends(places, self.read_committed) for leader, places in self.leaders.items()}
        here = [self.coordinator] if self.coordinator in ends else []
        answers = self._to(self.coordinator).ask(commits, *[ends[leader] for leader in here])
        at = time.monotonic()
        for leader in ends:
            if leader not in here:
                answers += self._to(leader).ask(ends[leader])
        committed = kafka_wire.read_offset_fetch(answers[0])
        seen_ends = {}
        for answer in answers[1:]:
            seen_ends.update(kafka_wire.read_ends(answer))
        new = {partition: sorted(self._new(partition, *pair)) for partition, pair in committed.items()}
        if any(new.values()):
            self.records.write(json.dumps({"at": at, "new": new, "ends": {"%s/%d" % place: end for place, end in seen_ends.items()}}) + "\n")
            self.records.flush()

    def _new(self, partition, offset, text):
        if offset < 0:
            return set()
        now = set(range(self.below[partition], offset)) | kafka_wire.finished_offsets(offset, text)
        new = now - self.finished[partition]
        self.finished[partition] |= new
        self.below[partition] = max(self.below[partition], offset)
        return new


class CommitWatcher:
    """A context manager around the program."""

    def __init__(self, broker, group, topic, partitions, outputs, read_committed):
        self.records = os.path.join(temporary_folder(), "commits-%s.jsonl" % topic)
        self.command = [sys.executable, os.path.abspath(__file__), broker.address, group, topic, str(partitions), str(int(read_committed)),
                        ",".join("%s=%d" % pair for pair in outputs.items()), self.records]
        self.child = None

    def __enter__(self):
        self.child = Child(self.command, name="commit-watcher")
        try:
            wait_until(lambda: os.path.exists(self.records) or not self.check_alive(), 10, "the watcher watches")
        except BaseException:
            self.child.close()
            raise
        return self

    def __exit__(self, *_):
        self.child.close()

    def check_alive(self):
        if self.child.exit_code() is not None:
            raise AssertionError("the watcher of commits ended: %s" % self.child.stderr()[-2000:])
        return True

    def looks(self):
        """[(time, {(partition, offset), ...} newly finished, {(topic, partition): end})]."""
        def place(text):
            topic, _, partition = text.rpartition("/")
            return topic, int(partition)
        with open(self.records, encoding="ascii") as lines:
            each = [json.loads(line) for line in lines if line.endswith("\n")]
        return [(look["at"], {(int(p), offset) for p, offsets in look["new"].items() for offset in offsets},
                 {place(text): end for text, end in look["ends"].items()}) for look in each]


def main():
    bootstrap, group, topic, partitions, read_committed, outputs, path = sys.argv[1:]
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    with open(path, "w", encoding="ascii") as records:
        Watcher(bootstrap, group, topic, int(partitions), read_committed == "1", dict(pair.split("=") for pair in outputs.split(",")), records).run(ended)


if __name__ == "__main__":
    main()
