"""Four requests of Kafka's protocol over plain sockets, because the Python client cannot ask them as a watcher must.

It reads commit metadata as text up to a zero byte that nobody promises, and it cannot put two questions into one write. The versions are the
last ones before the "flexible" encoding; Apache Kafka 4 still answers them. (https://kafka.apache.org/protocol)
"""
import base64
import socket
import struct

LIST_OFFSETS, METADATA, OFFSET_FETCH, FIND_COORDINATOR = (2, 5), (3, 5), (9, 5), (10, 2)
LATEST = -1


class NotNow(Exception):
    """The broker could not say; another one can, or this one later."""


def _text(value):
    raw = value.encode()
    return struct.pack(">h", len(raw)) + raw


def _array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class _Answer:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, code):
        value, = struct.unpack_from(">" + code, self.data, self.at)
        self.at += struct.calcsize(">" + code)
        return value

    def raw(self):
        """Of text that may be missing."""
        length = self.number("h")
        self.at += max(length, 0)
        return self.data[self.at - length:self.at] if length >= 0 else None

    def text(self):
        return (self.raw() or b"").decode()

    def array(self, read):
        return [read() for _ in range(self.number("i"))]

    def refuse_errors(self):
        code = self.number("h")
        if code:
            raise NotNow("error %d" % code)


class Connection:
    def __init__(self, address, seconds=3):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = 0

    def close(self):
        self.socket.close()

    def ask(self, *questions):
        """Each question is (api, body). All go out in one write: a broker works off one connection's requests one after another, so the
        second answer is younger than the first by next to nothing."""
        out = b""
        for (api, version), body in questions:
            self.number += 1
            head = struct.pack(">hhi", api, version, self.number) + _text("watcher")
            out += struct.pack(">i", len(head) + len(body)) + head + body
        self.socket.sendall(out)
        return [self._answer() for _ in questions]

    def _answer(self):
        size, = struct.unpack(">i", self._bytes(4))
        answer = _Answer(self._bytes(size))
        answer.number("i")  # which question it answers: they come in order
        return answer

    def _bytes(self, count):
        out = bytearray()
        while len(out) < count:
            data = self.socket.recv(count - len(out))
            if not data:
                raise ConnectionError("closed by the broker")
            out += data
        return bytes(out)


def find_coordinator(group):
    return FIND_COORDINATOR, _text(group) + b"\0"


def read_coordinator(answer):
    """host:port."""
    answer.number("i")
    answer.refuse_errors()
    answer.raw()
    answer.number("i")
    return "%s:%d" % (answer.text(), answer.number("i"))


def metadata(topics):
    return METADATA, _array([_text(topic) for topic in topics]) + b"\0"


def read_metadata(answer):
    """{(topic, partition): (address of its leader, number of in-sync replicas)}."""
    answer.number("i")
    brokers = {}

    def broker():
        node = answer.number("i")
        brokers[node] = "%s:%d" % (answer.text(), answer.number("i"))
        answer.raw()
    answer.array(broker)
    answer.raw()
    answer.number("i")
    places = {}

    def topic():
        answer.refuse_errors()
        name = answer.text()
        answer.number("b")

        def partition():
            error, index, leader = answer.number("h"), answer.number("i"), answer.number("i")
            lists = [answer.array(lambda: answer.number("i")) for _ in range(3)]
            if error not in (0, 9) or leader not in brokers:  # 9: a replica is away
                raise NotNow("%s/%d has no leader" % (name, index))
            places[name, index] = (brokers[leader], len(lists[1]))
        answer.array(partition)
    answer.array(topic)
    return places


def offset_fetch(group, topic, partitions):
    return OFFSET_FETCH, _text(group) + _array([_text(topic) + _array([struct.pack(">i", p) for p in range(partitions)])])


def read_offset_fetch(answer):
    """{partition: (committed offset, or -1; metadata as bytes)}."""
    answer.number("i")
    found = {}

    def partition():
        index, offset, _ = answer.number("i"), answer.number("q"), answer.number("i")
        found[index] = (offset, answer.raw() or b"")
        answer.refuse_errors()

    def topic():
        answer.text()
        answer.array(partition)
    answer.array(topic)
    answer.refuse_errors()
    return found


def list_ends(places, read_committed):
    """`places`: (topic, partition) pairs that one broker leads."""
    by_topic = {}
    for topic, partition in places:
        by_topic.setdefault(topic, []).append(struct.pack(">iiq", partition, -1, LATEST))
    return LIST_OFFSETS, struct.pack(">ib", -1, int(read_committed)) + _array([_text(topic) + _array(each) for topic, each in by_topic.items()])


def read_ends(answer):
    """{(topic, partition): offset after the last record that a reader can see}."""
    answer.number("i")
    ends = {}

    def topic():
        name = answer.text()

        def partition():
            index = answer.number("i")
            answer.refuse_errors()
            answer.number("q")
            ends[name, index] = answer.number("q")
            answer.number("i")
        answer.array(partition)
    answer.array(topic)
    return ends


def finished_offsets(committed, text):
    """Offsets at or above the committed one that the service's commit metadata calls finished (actors/kafka_reader/commit_metadata.hpp:
    "2", topic id, ".", leader epoch, "." and the bitmap "1" and base64)."""
    if not text:
        return set()
    parts = text.split(b".")
    if text[:1] != b"2" or len(parts) != 3 or parts[2][:1] != b"1":
        raise ValueError("commit metadata of another kind: %r" % text[:40])
    bits = base64.b64decode(parts[2][1:], validate=True)
    return {committed + 8 * byte + bit for byte, value in enumerate(bits) for bit in range(8) if value >> bit & 1}
