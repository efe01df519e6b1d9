"""Batches that cannot be read, or are far larger than what they were sent as: each costs itself a dead letter, and a bounded memory."""
from fixtures import raw_batches
from fixtures.oracle import text_reply
from fixtures.raw_batches import GZIP, LZ4, MIB, SNAPPY, ZSTD
from fixtures.service import run_command
from fixtures.waiting import wait_until
from integration.case import IntegrationCase, broker, started_broker
from integration.test_answers import FENCE_FIELDS

PARTS = "kafka ollama store"

MESSAGE_TOO_LARGE = 10

# MAX_IN_FLIGHT_BYTES of 64 MiB and as much again. (A sanitizer's own memory is not the service's.)
MEMORY_MAX = 128 * MIB


class Unreadable(IntegrationCase):
    def send(self, talk, data, partition=0):
        """Sends a batch; gives the place of its first record."""
        error, offset = raw_batches.produce(talk.broker.address, talk.topic, partition, data)
        self.assertEqual(error, 0, "the broker does not take the batch")
        return talk.topic, partition, offset

    def wait_letter(self, talk, place, seconds=60):
        def come():
            talk.collect()
            return place in talk.letters
        wait_until(come, seconds, lambda: "the dead letter of %s comes; there are %s" % (place, list(talk.letters)))
        letter = talk.letters[place][0]
        self.assertEqual(letter.headers["reason"], "record_unreadable")
        self.assertEqual(letter.headers["class"], "dead_letter")
        self.assertEqual(letter.key, "")
        return letter

    def assert_memory_bounded(self, service):
        peak = service.memory_bytes("VmHWM")
        self.assertLess(peak, MEMORY_MAX, "%d MiB of memory" % (peak // MIB))
        print("%s: peak %d MiB" % (self.id().rpartition(".")[2], peak // MIB))

    def check(self, *batches, **settings):
        """Each batch becomes a dead letter, what stands behind it on the same partition is answered, memory stays bounded."""
        talk = self.conversation()
        service = self.ready_service(talk, **settings)
        talk.text(text_reply(fields=FENCE_FIELDS))
        talk.publish()
        places = [self.send(talk, each) for each in batches]
        talk.text(text_reply(fields=FENCE_FIELDS))
        letters = [self.wait_letter(talk, place) for place in places]
        self.assert_all_ended(talk, service)
        for letter, place in zip(letters, places):
            self.assertEqual(len(talk.letters[place]), 1)
            self.assertEqual(letter.headers["cause"], "_BAD_COMPRESSION")
        self.assertEqual(service.metrics()["models_processor_records_unreadable_total"], len(places))
        self.assert_memory_bounded(service)
        return service

    def test_a_bomb_of_gzip(self):
        self.check(raw_batches.batch(raw_batches.record(0, b"k", 300 * MIB), 1, GZIP))

    def test_a_bomb_of_zstd(self):
        self.check(raw_batches.batch(raw_batches.record(0, b"k", 101_000_000), 1, ZSTD), raw_batches.batch(raw_batches.record(0, b"k", 40 * MIB), 1, ZSTD))

    def test_a_bomb_of_lz4(self):
        self.check(raw_batches.batch(raw_batches.record(0, b"k", 200 * MIB), 1, LZ4))

    def test_a_bomb_of_snappy(self):
        self.check(raw_batches.batch(raw_batches.record(0, b"k", 100 * MIB), 1, SNAPPY))

    def test_a_bomb_in_exactly_once(self):
        self.check(raw_batches.batch(raw_batches.record(0, b"k", 300 * MIB), 1, GZIP), DELIVERY="exactly-once", TRANSACTIONAL_ID="unreadable")

    def test_many_bombs_in_a_row_cost_no_minutes(self):
        bomb = raw_batches.batch(raw_batches.record(0, b"k", 200 * MIB), 1, ZSTD)
        self.check(*[bomb] * 20)

    def test_a_batch_of_4_gib_and_64_bytes_whose_size_does_not_fit_an_int(self):
        records = [part for i in range(5) for part in raw_batches.record(i, None, 858_993_450)]
        size = sum(part if isinstance(part, int) else len(part) for part in records)
        records[-2] += (1 << 32) + 64 - size
        last = raw_batches.record(4, None, records[-2])
        data = raw_batches.batch(records[:-3] + last, 5, GZIP)
        talk = self.conversation(partitions=2)
        service = self.ready_service(talk)
        place = self.send(talk, data)
        for partition in (0, 1):
            talk.text(text_reply(fields=FENCE_FIELDS), partition=partition)
        letter = self.wait_letter(talk, place)
        self.assertEqual(int(letter.headers["source-offset-last"]), place[2] + 4)
        self.assert_all_ended(talk, service)
        self.assert_memory_bounded(service)

    def test_a_batch_of_several_records_is_one_dead_letter_that_names_its_range(self):
        talk = self.conversation()
        service = self.ready_service(talk)
        records = [part for i in range(3000) for part in raw_batches.record(i, b"k", 40_000)]
        place = self.send(talk, raw_batches.batch(records, 3000, ZSTD))
        talk.text(text_reply(fields=FENCE_FIELDS))
        letter = self.wait_letter(talk, place)
        self.assertEqual(int(letter.headers["source-offset-last"]), place[2] + 2999)
        self.assert_all_ended(talk, service)
        self.assert_memory_bounded(service)

    def test_a_packed_batch_within_the_limit_is_read_whatever_its_codec(self):
        talk = self.conversation()
        service = self.ready_service(talk, MAX_REQUEST_BYTES="1MiB")
        for codec in (None, GZIP, SNAPPY, LZ4, ZSTD):
            records = [part for i in range(12) for part in raw_batches.record(i, b"k", 2 * MIB)]
            topic, partition, first = self.send(talk, raw_batches.batch(records, 12, codec)) if codec else self.send(
                talk, raw_batches.batch(raw_batches.record(0, b"k", 2 * MIB), 1))
            for offset in range(first, first + (12 if codec else 1)):
                wait_until(lambda: talk.collect() or (topic, partition, offset) in talk.letters, 60, "offset %d ends" % offset)
                self.assertEqual(talk.letters[topic, partition, offset][0].headers["reason"], "request_too_large")
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)
        self.assert_memory_bounded(service)

    def test_large_keys_and_headers_count_while_nothing_can_be_worked_on(self):
        talk = self.conversation(partitions=4)
        big = bytes(900_000)
        for i in range(160):
            talk.producer.produce(talk.topic, b"x", key=b"k", headers=[("h", big)] if i % 2 else None, partition=i % 4)
            talk.producer.produce(talk.topic, b"x", key=big, partition=i % 4)
            talk.producer.poll(0)
        talk.publish()
        service = self.service(talk, hosts="http://127.0.0.1:9")
        service.wait_event("partitions_assigned")
        self.watch(service, 10)

    def test_small_answers_that_unpack_to_much_count_while_nothing_can_be_worked_on(self):
        talk = self.conversation(partitions=4)
        for partition in range(4):
            for codec in (GZIP, LZ4, ZSTD):
                records = [part for i in range(10) for part in raw_batches.record(i, b"k", b"x", [(b"h", b"a" * MIB)])] if codec == GZIP else [
                    part for i in range(10) for part in raw_batches.record(i, b"k", MIB)]
                data = raw_batches.batch(records, 10, codec)
                for _ in range(15):
                    self.send(talk, data, partition)
        service = self.service(talk, hosts="http://127.0.0.1:9")
        service.wait_event("partitions_assigned")
        self.watch(service, 10)

    def watch(self, service, seconds):
        """Until the program has read ahead what it will: in the last 3 s its peak has not grown, whether or not it fell since."""
        peaks = [service.memory_bytes("VmHWM")]

        def settled():
            peaks.append(service.memory_bytes("VmHWM"))
            return len(peaks) > seconds * 5 and peaks[-15] == peaks[-1]
        wait_until(settled, 4 * seconds, lambda: "memory has settled; peaks in bytes, 0.2 s apart: %s" % peaks[-30:], interval=0.2)
        self.assert_memory_bounded(service)

    def test_a_broker_that_stands_still_is_told_after_half_a_minute_and_so_is_its_return(self):
        own = started_broker()
        self.addCleanup(own.close)
        talk = self.conversation(at=own)
        service = self.ready_service(talk, KAFKA_SESSION_TIMEOUT_MS=120_000, KAFKA_HEARTBEAT_INTERVAL_MS=3000)
        own.pause()
        self.addCleanup(own.resume)
        wait_until(lambda: "has not said where the partitions end" in service.get("/ready")[1], 60,
                   lambda: "the broker's silence is told: %s" % (service.get("/ready"),), interval=0.5)
        self.assertEqual(service.get("/ready")[0], 503)
        self.assertEqual(service.metrics()["models_processor_log_ends_unknown"], 1)
        self.assertEqual(len(service.events("partitions_stalled")), 1)
        own.resume()
        service.wait_ready()
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)

    def test_a_topic_of_uncompressed_records_refuses_bombs_itself_and_check_advises_it(self):
        talk = self.conversation()
        settings = {"BOOTSTRAP_SERVER": broker().address, "OLLAMA_HOST": "http://127.0.0.1:9", "LOCAL_MODEL_KAFKA_TOPIC": talk.topic}
        self.assertIn("--entity-name %s --add-config compression.type=uncompressed" % talk.topic, run_command("check", **settings).stdout)
        broker().configure_topic(talk.topic, {"compression.type": "uncompressed", "max.message.bytes": str(12 * MIB)})
        said = run_command("check", **settings).stdout
        self.assertNotIn("--add-config", said)
        self.assertIn("compression.type of " + talk.topic, said)
        for codec in (GZIP, SNAPPY, LZ4, ZSTD):
            data = raw_batches.batch(raw_batches.record(0, b"k", 40 * MIB), 1, codec)
            self.assertEqual(raw_batches.produce(broker().address, talk.topic, 0, data)[0], MESSAGE_TOO_LARGE)
        service = self.ready_service(talk)
        talk.text(text_reply(fields=FENCE_FIELDS))
        self.assert_all_ended(talk, service)
