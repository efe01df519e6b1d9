"""Asks at a steady rate and reads every end at once, each by its own thread: nothing that a scenario does holds them up."""
import json
import threading
import time

from chaos import options, stub_model
from fixtures import oracle, photos
from fixtures.kafka_broker import Reader

PHOTO_EVERY = 10
PHOTO_BYTES = 150_000  # 200 KB as base64
PHOTO_KINDS = 4        # so that an answer to another request's photo is noticed


class Arrival:
    def __init__(self, at, place, published_at=None):
        """`at`: when it was read; `published_at`: when the broker took it, where that is known, which no delay of the reader changes."""
        self.at, self.place = at, place  # place: (topic, partition, offset)
        self.published_at = at if published_at is None else published_at


class Request:
    def __init__(self, key, number, partition):
        self.key, self.number, self.partition = key, number, partition
        self.asked_at = self.published_at = self.offset = self.end = None
        self.replies, self.errors, self.letters, self.wrong = [], [], [], []

    def ends(self):
        return self.replies + self.errors + self.letters


class Traffic:
    """A context manager that owns a topic of requests and the name of a group. start() begins to ask."""

    def __init__(self, broker, requests, partitions):
        self.broker, self.count, self.partitions = broker, requests, partitions
        self.name = "chaos-%d" % (time.monotonic_ns() % 1_000_000_000)
        self.topic, self.group = "requests-" + self.name, "group-" + self.name
        self.requests = [Request("%s-%d" % (self.name, n), n, n % partitions) for n in range(requests)]
        self.by_key = {request.key: request for request in self.requests}
        self.photos = [photos.base64_text(photos.jpeg_of_bytes(PHOTO_BYTES, seed=kind)) for kind in range(1, PHOTO_KINDS + 1)]
        self.unasked = []
        self.taken = 0  # messages read
        self.failure = None
        self.ended = threading.Event()
        self.threads = []

    def __enter__(self):
        self.broker.create_topics({self.topic: self.partitions})
        # Of a broker that stands still a client learns by nothing but time. With librdkafka's minute it would wait for the node itself,
        # although the replies are there under another leader. Measured: 8.2 s without a reply here when the service had published after 5.
        self.reader = Reader(self.broker, list(oracle.OUTPUT_TOPICS), from_end=True, socket_timeout_ms=1500)
        self._start(self._read)
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.reader.close()

    def _start(self, work):
        def guarded():
            try:
                work()
            except Exception as problem:  # told by check(), on the thread of the scenario
                self.failure = self.failure or problem
        self.threads.append(threading.Thread(target=guarded, daemon=True))
        self.threads[-1].start()

    def check(self):
        if self.failure:
            raise self.failure

    # Asking.

    def start(self):
        self.began = time.monotonic()
        self.over = self.began + self.count / options.RATE  # when the last request will have been asked
        self._start(self._ask)

    def _photo_of(self, request):
        return self.photos[request.number // PHOTO_EVERY % PHOTO_KINDS] if request.number % PHOTO_EVERY == 0 else None

    def _ask(self):
        # Of a broker that stands still it is told by nothing but time; the requests of its partitions are to go on.
        producer = self.broker.producer(socket_timeout_ms=1500)
        for request in self.requests:
            while (left := self.began + request.number / options.RATE - time.monotonic()) > 0 and not self.ended.is_set():
                producer.poll(min(left, 0.02))
            if self.ended.is_set():
                return
            self._produce(producer, request)
        if producer.flush(60):
            raise RuntimeError("requests could not be published")

    def _produce(self, producer, request):
        photo = self._photo_of(request)
        value = {"user_email": oracle.EMAIL, "prompt": "Answer this. [request %s]" % request.key}
        answer = stub_model.answer_to(request.key, photo and photo.encode())
        if photo:
            value["photo"] = photo
            request.end = oracle.photo_reply(answer)
        else:
            request.end = oracle.text_reply(fields=json.loads(answer), model=stub_model.MODEL)

        def delivered(error, message):
            if error:
                self.failure = RuntimeError("a request could not be published: %s" % error)
            else:
                # A broker that already had the record, from before another one's death, does not say where. The order is kept, though,
                # and nobody else writes here.
                offset = message.offset()
                request.offset = request.number // self.partitions if offset is None else offset
                request.published_at = time.monotonic()
        request.asked_at = time.monotonic()
        producer.produce(self.topic, json.dumps({"key": request.key, "value": value}), key=request.key, partition=request.partition,
                         on_delivery=delivered)
        producer.poll(0)

    # Reading.

    def _read(self):
        while not self.ended.is_set():
            messages = self.reader.read(0.05)
            at, clock = time.monotonic(), time.time()
            for message in messages:
                # In a transaction it can be read from the commit's markers on, which tell no time.
                waited = 0 if options.exactly_once() else max(0, clock - message.timestamp()[1] / 1000)
                self._take(message, Arrival(at, (message.topic(), message.partition(), message.offset()), at - waited))

    def _take(self, message, arrival):
        self.taken += 1
        request = self.by_key.get((message.key() or b"").decode("utf-8", "replace"))
        if request is None:
            self.unasked.append(message.key())
        elif message.topic() == oracle.DEAD_LETTERS:
            request.letters.append(arrival)
        else:
            try:
                reply = oracle.Reply(message)
                if _is_error(reply):
                    request.errors.append(arrival)
                    return
                request.replies.append(arrival)
                got, wanted = (reply.topic, reply.body["key"], reply.value["user_email"]), (request.end.reply_topic, request.key, oracle.EMAIL)
                if got != wanted:
                    raise AssertionError("%r instead of %r" % (got, wanted))
                request.end.check(reply)
            except (AssertionError, KeyError, ValueError, TypeError) as problem:
                request.wrong.append("%s: %s" % (type(problem).__name__, problem))

    # Waiting.

    def ended_count(self):
        return sum(bool(request.ends()) for request in self.requests)

    def wait_ended(self, seconds, alive):
        """Until every request has had some end, at most `seconds` from now. `alive` is called meanwhile and may raise."""
        until = time.monotonic() + seconds
        while self.ended_count() < self.count and time.monotonic() < until:
            self.check()
            alive()
            time.sleep(0.1)

    def read_to_end(self, quiet_seconds=1.5):
        """Returns when nothing has come for a while. (A transaction's marker stands behind the last reply, so positions do not tell.)"""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < quiet_seconds:
            self.check()
            if seen != self.taken:
                seen, since = self.taken, time.monotonic()
            time.sleep(0.05)


def _is_error(reply):
    if "error" in reply.value:
        return True
    analysis = reply.value.get("analysis", "")
    return reply.topic == oracle.PHOTO_REPLIES and analysis.startswith('{"error":')
