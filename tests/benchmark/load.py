"""Fills a topic with requests and counts by id what comes back."""
import json
import time

from confluent_kafka import TopicPartition

from fixtures import photos
from fixtures.kafka_broker import Reader
from fixtures.oracle import OUTPUT_TOPICS, PHOTO_REPLIES, TEXT_REPLIES

EMAIL = "bench@example.com"
PROMPT = ("Describe what this is and answer with a JSON object. " * 4)[:200]
PHOTO_BYTES = 200_000


def bodies(kind, keys):
    """(key, body) of each request; a photo has 200 KB, a text 200 characters."""
    fields = {"user_email": EMAIL, "prompt": PROMPT}
    if kind == "photo":
        fields["photo"] = photos.base64_text(photos.jpeg_of_bytes(PHOTO_BYTES))
    value = json.dumps(fields)
    for key in keys:
        yield key, '{"key": "%s", "value": %s}' % (key, value)


def fill(broker, topic, kind, keys, partitions):
    """Publishes the requests, evenly over the partitions."""
    producer = broker.producer(linger_ms=20)
    for number, (key, body) in enumerate(bodies(kind, keys)):
        while True:
            try:
                producer.produce(topic, body, key=key, partition=number % partitions)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    if producer.flush(120):
        raise RuntimeError("the topic could not be filled")


class Replies:
    """Knows when replies are there without reading them, so that reading takes nothing from what is measured; reads them afterwards."""

    def __init__(self, broker):
        self.reader = Reader(broker, list(OUTPUT_TOPICS), from_end=True)
        self.places = [(p.topic, p.partition) for p in self.reader.consumer.assignment()]
        self.reader.consumer.pause(self.reader.consumer.assignment())
        self.before = self.ends()

    def ends(self):
        return {place: self.reader.consumer.get_watermark_offsets(TopicPartition(*place), timeout=10)[1] for place in self.places}

    def count(self):
        """How many records have come to the reply and dead-letter topics."""
        return sum(self.ends().values()) - sum(self.before.values())

    def judge(self, kind, keys):
        """{lost, doubled, wrong}: lists of ids; and the times (seconds) of the first and the last record."""
        self.reader.consumer.resume(self.reader.consumer.assignment())
        wanted, seen, wrong, times = set(keys), {}, [], []
        # Not by offsets: the ends of transactions take some of them. What comes too often would come within a second.
        until, messages = time.monotonic() + 30, [None]
        while messages or (wanted - set(seen) and time.monotonic() < until):
            messages = self.reader.read(1)
            for message in messages:
                key = message.key().decode()
                seen[key] = seen.get(key, 0) + 1
                times.append(message.timestamp()[1] / 1000)
                if message.topic() != (PHOTO_REPLIES if kind == "photo" else TEXT_REPLIES) or not _is_answer(kind, key, message.value()):
                    wrong.append(key)
        return {"lost": sorted(wanted - set(seen)), "doubled": sorted(key for key, count in seen.items() if count > 1),
                "wrong": sorted(set(wrong) | (set(seen) - wanted)), "times": times, "first": min(times, default=0), "last": max(times, default=0)}

    def close(self):
        self.reader.close()


def _is_answer(kind, key, raw):
    body = json.loads(raw)
    text = body["value"].get("analysis" if kind == "photo" else "response", "")
    return body["key"] == key and body["value"]["user_email"] == EMAIL and json.loads(text) == {"label": "cat", "score": 0.93}
