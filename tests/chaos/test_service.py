"""The service is ended under load, again and again."""
from chaos.case import ChaosCase
from chaos.figures import Fault

# Longer than a session.
STILL_SECONDS = 9
STILL_PERIOD_SECONDS = 14


class TheServiceIsKilled(ChaosCase):
    def kill_every(self, seconds):
        def kill_and_restart():
            at = self.team[0].kill()
            over = self.stub.catch_up()
            self.team[0].start()
            return [Fault(at, over, kills=True, service=True)]
        self.every(seconds, kill_and_restart)

    def test_sigkill(self):
        """Without a given name: host and port are one."""
        self.prepare()
        self.kill_every(3)
        self.conclude(limit_seconds=2)

    def test_sigkill_now_and_then(self):
        self.prepare()
        self.kill_every(12)
        self.conclude(limit_seconds=2)

    def test_sigkill_of_a_static_member(self):
        self.prepare(GROUP_INSTANCE_ID="one")
        self.kill_every(3)
        self.conclude(limit_seconds=2)


class TheServiceIsEvicted(ChaosCase):
    def test_member_stands_still(self):
        """Longer than its session, so the group has put it out when it goes on; what it was asked meanwhile it still answers."""
        self.prepare()

        def stop_and_continue():
            at = self.now()
            self.team[0].service.pause()
            try:
                self._sleep_until(at + STILL_SECONDS)
            finally:
                self.team[0].service.resume()
            return [Fault(at, self.now())]
        self.every(STILL_PERIOD_SECONDS, stop_and_continue)
        self.conclude(limit_seconds=5)


class TheServiceIsToldToStop(ChaosCase):
    def test_sigterm(self):
        self.prepare()

        def stop_and_restart():
            began = self.now()
            self.team[0].terminate()
            self.team[0].start()
            return [Fault(began, service=True)]
        self.every(3, stop_and_restart)
        self.conclude(limit_seconds=2)
