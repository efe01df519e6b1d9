"""Three members share the work; one after another is killed, told to stop and started again."""
import random

from chaos import options
from chaos.case import FIRST_FAULT_SECONDS, ChaosCase
from chaos.figures import Fault
from integration.case import QUICK_GROUP

KILLS = 30
# A killed member stays away for up to so long, a stopped one for a while too: the others take over its partitions or do not get to it.
AWAY_SECONDS = (0.0, 1.5)
STOP_EVERY = 3  # with every third kill another member leaves in order and joins again


class MembersComeAndGo(ChaosCase):
    requests = 3000
    partitions = 6
    members = 3

    def kill_thirty_times(self):
        chance = random.Random(9)
        period = (self.traffic.count / options.RATE - FIRST_FAULT_SECONDS) / (KILLS + 1)

        def kill_one():
            killed, stopped = chance.sample(self.team, 2)
            at = killed.kill()
            over = self.stub.catch_up()
            self._sleep_until(at + chance.uniform(*AWAY_SECONDS))
            if len(self.faults) % STOP_EVERY == 0:
                stopped.terminate()
                killed.start()
                stopped.start()
            else:
                killed.start()
            return [Fault(at, over, kills=True, service=True)]
        self.every(period, kill_one, most=KILLS)

    def test_thirty_kills_among_three_members(self):
        self.prepare(**QUICK_GROUP)
        self.kill_thirty_times()
        self.conclude()

    def test_thirty_kills_among_three_members_without_a_name(self):
        """Without a given name, that is: host and port are one."""
        self.prepare()
        self.kill_thirty_times()
        self.conclude()

    def test_thirty_kills_among_three_static_members(self):
        self.prepare(GROUP_INSTANCE_ID="member-%d")
        self.kill_thirty_times()
        self.conclude()
