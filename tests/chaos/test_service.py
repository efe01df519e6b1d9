"""The service is ended under load, again and again."""
from chaos.case import ChaosCase
from chaos.figures import Fault


class TheServiceIsKilled(ChaosCase):
    def kill_every(self, seconds):
        def kill_and_restart():
            at = self.team[0].kill()
            over = self.stub.catch_up()
            self.team[0].start()
            return [Fault(at, over, kills=True, service=True)]
        self.every(seconds, kill_and_restart)

    def test_sigkill(self):
        """Without a name each killed member stays in the group until its session is over, so only the last kill's recovery can be seen."""
        self.prepare()
        self.kill_every(3)
        self.conclude(limit_seconds=10)

    def test_sigkill_now_and_then(self):
        self.prepare()
        self.kill_every(12)
        self.conclude(limit_seconds=10)

    def test_sigkill_of_a_static_member(self):
        self.prepare(GROUP_INSTANCE_ID="one")
        self.kill_every(3)
        self.conclude(limit_seconds=2)


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
