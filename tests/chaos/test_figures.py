"""The judge of the scenarios complains when it must, and only then."""
import unittest

from chaos import kafka_wire
from chaos.figures import Commits, Fault, Figures
from chaos.stub_model import Call
from chaos.traffic import Arrival, Request

REPLIES = ("replies", 0)


def request(number=0, *reply_times):
    made = Request("id-%d" % number, number, partition=0)
    made.offset = number
    made.replies = [Arrival(at, (*REPLIES, offset)) for offset, at in enumerate(reply_times)]
    return made


def called(began, answered=None, spoiled=None):
    call = Call("id-0", began)
    call.answered, call.spoiled = answered, spoiled
    return call


def judge(one, calls=(), looks=(), faults=()):
    return Figures([one], [], {one.key: list(calls)}, Commits(looks), list(faults))


def look(at, end, *offsets):
    return at, {(0, offset) for offset in offsets}, {REPLIES: end}


class TheJudge(unittest.TestCase):
    def test_a_request_without_any_end_is_lost(self):
        self.assertEqual(judge(request()).lost, ["id-0"])
        self.assertEqual(judge(request(0, 5)).lost, [])

    def test_a_reply_at_the_ends_seen_after_its_commit_came_after_the_commit(self):
        self.assertEqual(judge(request(0, 5), looks=[look(4, 0, 0)]).early, ["id-0"])
        self.assertEqual(judge(request(0, 5), looks=[look(4, 1, 0)]).early, [])

    def test_a_commit_whose_request_never_gets_a_reply_is_early(self):
        self.assertEqual(judge(request(), looks=[look(4, 9, 0)]).early, ["id-0"])

    def test_only_the_first_look_that_shows_a_request_counts(self):
        self.assertEqual(judge(request(0, 5), looks=[look(4, 0, 0), look(6, 1, 0)]).early, ["id-0"])

    def test_a_second_reply_needs_a_kill_that_found_the_request_in_flight(self):
        twice, calls = request(0, 5, 8), [called(3, 4), called(7, 8)]
        self.assertEqual(judge(twice, calls).doubled_without_cause, ["id-0"])
        found = judge(twice, calls, [look(9, 2, 0)], [Fault(6, kills=True)])
        self.assertEqual((found.doubled, found.doubled_without_cause), (["id-0"], []))
        self.assertEqual(judge(twice, calls, [look(5.5, 1, 0)], [Fault(6, kills=True)]).doubled_without_cause, ["id-0"])

    def test_a_second_call_is_excused_by_a_kill_or_by_the_model_itself(self):
        self.assertEqual(judge(request(0, 8), [called(3, 4), called(7, 8)]).redone_without_cause, ["id-0"])
        self.assertEqual(judge(request(0, 8), [called(3), called(7, 8)], faults=[Fault(6, kills=True)]).redone_without_cause, [])
        self.assertEqual(judge(request(0, 8), [called(3), called(7, 8)], faults=[Fault(6)]).redone_without_cause, ["id-0"])
        self.assertEqual(judge(request(0, 8), [called(3, spoiled="cut"), called(7, 8)]).redone, [])

    def test_a_call_that_the_model_read_only_after_the_kill_of_its_client_was_in_flight(self):
        calls = [called(6.01), called(7, 8)]
        self.assertEqual(judge(request(0, 8), calls, faults=[Fault(6, 6.02, kills=True)]).redone_without_cause, [])
        self.assertEqual(judge(request(0, 8), calls, faults=[Fault(6, kills=True)]).redone_without_cause, ["id-0"])

    def test_a_call_of_a_request_whose_end_was_seen_committed_is_repeated(self):
        calls = [called(3, 4), called(7, 8)]
        self.assertEqual(judge(request(0, 5, 9), calls, [look(5.5, 1, 0)], [Fault(6, kills=True)]).repeated, ["id-0"])
        self.assertEqual(judge(request(0, 5, 9), calls, [look(7.5, 1, 0)], [Fault(6, kills=True)]).repeated, [])

    def test_a_reply_that_was_under_way_at_a_kill_does_not_end_the_silence(self):
        found = judge(request(0, 6.1, 9), [called(5, 5.9), called(8, 8.9)], faults=[Fault(6, kills=True, service=True)])
        self.assertEqual(found.back_in(20), [3])

    def test_silence_lasts_until_the_next_reply_or_the_end_of_the_time_looked_at(self):
        found = judge(request(0, 7, 12), faults=[Fault(6, kills=True)])
        self.assertEqual(found.silence_after(found.faults[0], 15), 5)
        self.assertEqual(found.silence_after(found.faults[0], 30), 18)

    def test_commit_metadata_is_read_as_the_service_writes_it(self):
        self.assertEqual(kafka_wire.finished_offsets(100, b""), set())
        self.assertEqual(kafka_wire.finished_offsets(100, b"2xKVwxyqFSUKCUtRcwycYuA.-1.1"), set())
        self.assertEqual(kafka_wire.finished_offsets(100, b"2xKVwxyqFSUKCUtRcwycYuA.3.1BgE="), {101, 102, 108})
        for foreign in (b"somebody else's", b"1BgE="):
            with self.assertRaises(ValueError):
                kafka_wire.finished_offsets(100, foreign)
