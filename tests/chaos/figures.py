"""What a scenario's records say, as figures. Plain functions of values: records in, figures out; times are of the monotonic clock."""

# So many replies are a flow and not a straggler.
FLOW = 5


class Fault:
    """`kills`: whatever was in flight may be done again; what the model had been asked is written down by `over`. Of other faults
    `over` is when the cause was gone. `service`: it was the service that ended. `node`: one of several, which alone was hit."""

    def __init__(self, at, over=None, kills=False, service=False, node=None):
        self.at, self.over, self.kills, self.service, self.node = at, over or at, kills, service, node


class Commits:
    """When each request was first seen as finished by the group, and what could be read of the replies right after that."""

    def __init__(self, looks):
        self.first = {}
        for at, places, ends in looks:
            for place in places:
                self.first.setdefault(place, (at, ends))

    def seen(self, request):
        """When; never: infinity."""
        return self.first.get((request.partition, request.offset), (float("inf"), None))[0]

    def was_early(self, request):
        """Whether none of its ends could be read when it was already committed."""
        at, ends = self.first.get((request.partition, request.offset), (None, None))
        return at is not None and not any(offset < ends[topic, partition] for topic, partition, offset in (end.place for end in request.ends()))


def _silence(events, begin, end):
    """`events`: (partition, time). The longest time between `begin` and `end` in which a partition had none."""
    times = {}
    for partition, at in events:
        times.setdefault(partition, []).append(at)
    edges = [[begin, *(at for at in sorted(each) if begin < at < end), end] for each in times.values()]
    return max(b - a for each in edges for a, b in zip(each, each[1:]))


def publishing_silence(requests, fault, until):
    """How long Kafka acknowledged no request in one of the partitions."""
    return _silence(((r.partition, r.published_at) for r in requests if r.published_at), fault.at, until)


class Figures:
    def __init__(self, requests, unasked, calls, commits, faults):
        """`calls`: {id: calls in order}; `faults` in order."""
        self.requests, self.calls, self.commits, self.faults = requests, calls, commits, faults
        self.kills = [fault for fault in faults if fault.kills]
        self.lost = [r.key for r in requests if not r.ends()]
        self.wrong = {r.key: r.wrong for r in requests if r.wrong} | {str(key): "nobody asked" for key in unasked}
        self.errors = [r.key for r in requests if r.errors]
        self.letters = [r.key for r in requests if r.letters]
        self.early = [r.key for r in requests if commits.was_early(r)]
        self.uncommitted = [r.key for r in requests if commits.seen(r) == float("inf")]
        self.in_flight = {fault.over: self._in_flight_at(fault) for fault in self.kills}
        self.doubled, self.doubled_without_cause = self._doubled()
        self.redone, self.redone_without_cause, self.repeated = self._redone()

    def _in_flight_at(self, kill):
        """Ids that the model had been asked and whose end was not seen committed."""
        return {r.key for r in self.requests if any(call.began < kill.over for call in self.calls.get(r.key, ())) and self.commits.seen(r) > kill.at}

    def _killed_between(self, key, after, before):
        return any(after < at < before and key in keys for at, keys in self.in_flight.items())

    def _doubled(self):
        doubled, without_cause = [], []
        for r in self.requests:
            ends = sorted(end.at for end in r.replies + r.errors)
            for _ in ends[1:]:
                doubled.append(r.key)
            causes = sum(r.key in keys for keys in self.in_flight.values())
            if len(ends) - 1 > causes:
                without_cause.append(r.key)
        return doubled, without_cause

    def _redone(self):
        """Second calls of a request that the model itself had not spoiled: all; those that no kill explains; those of a request whose end
        had been committed before."""
        redone, without_cause, repeated = [], [], []
        for r in self.requests:
            calls = self.calls.get(r.key, [])
            for before, call in zip(calls, calls[1:]):
                if not before.spoiled:
                    redone.append(r.key)
                    if not self._killed_between(r.key, before.began, call.began):
                        without_cause.append(r.key)
            repeated += [r.key for call in calls if call.began > self.commits.seen(r)]
        return redone, without_cause, repeated

    def in_flight_total(self):
        return sum(map(len, self.in_flight.values()))

    # How long it took until replies flowed again after each fault: seconds, None where the load or the next fault came first.

    def flows_after(self, fault):
        """From the fault's begin for a kill, from its end otherwise, to the fifth reply that owes nothing to the time before."""
        since = fault.at if fault.kills or fault.service else fault.over
        arrivals = sorted(reply.at for r in self.requests for reply in r.replies if self._made_after(r, reply, since, fault.service))
        if not arrivals:
            return None
        return arrivals[min(FLOW, len(arrivals)) - 1] - since

    def _made_after(self, request, reply, since, called):
        """The answer came after `since`; `called`: its call even began after it."""
        made = [call for call in self.calls.get(request.key, ()) if call.answered and call.answered < reply.at]
        return reply.at > since and bool(made) and (made[-1].began if called else made[-1].answered) > since

    def silence_after(self, fault, until):
        """The longest time without any reply in one of the requests' partitions, from the fault to `until`."""
        return _silence(((r.partition, reply.published_at) for r in self.requests for reply in r.replies), fault.at, until)

    def longest_silence(self):
        """Between any two replies."""
        times = sorted(reply.published_at for r in self.requests for reply in r.replies)
        return max((b - a for a, b in zip(times, times[1:])), default=0)

    def back_in(self, faults_until):
        """The slowest of all faults whose recovery was not cut off by the next one."""
        measured = []
        for fault, following in zip(self.faults, [f.at for f in self.faults[1:]] + [faults_until]):
            took = self.flows_after(fault)
            since = fault.at if fault.kills or fault.service else fault.over
            if took is not None and (since + took < following or fault is self.faults[-1]):
                measured.append(took)
        return measured
