"""A model server that can be made to fail while it runs, and writes down every call.

    stub_model.py PORT CONTROL_PORT RECORDS ADDRESS...    the program; StubModel below starts it and tells it what to do

Each address is a host of its own; each call's record has the number of its host.

It answers each chat with {"id": the request's id, "photo": checksum of the photo's base64 text, or 0}, so a reply shows which question its
answer belongs to. An id is what stands between "[request " and "]" in the prompt. One line of JSON per event goes to RECORDS; times are
seconds of the machine's monotonic clock, the same in every process.
"""
import asyncio
import json
import os
import random
import re
import signal
import socket
import sys
import time
import zlib

if __name__ != "__main__":
    from fixtures.processes import Child, free_port, temporary_folder
    from fixtures.waiting import wait_until

MODEL = "stub:latest"
ID = re.compile(rb"\[request ([\w.-]+)\]")
PHOTO = re.compile(rb'"images":\["([^"]*)"\]')
EMPTY_MESSAGES = re.compile(rb'"messages":\s*\[\s*\]')
# Answers overtake each other, some by far: what is finished above the commit point is never nothing.
DELAY_SECONDS = (0.05, 0.25)
SLOW_SECONDS, SLOW_SHARE = 0.6, 0.02

ENTRY = {"name": MODEL, "model": MODEL, "modified_at": "2026-01-01T00:00:00Z", "size": 1000000, "digest": "0" * 64,
         "details": {"format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "1M", "quantization_level": "F32"}}
RUNNER_DIED = {"error": "an error was encountered while running the model: unexpected EOF"}


def answer_to(key, photo_base64):
    """The answer's JSON as the service publishes it, compact."""
    return '{"id":"%s","photo":%d}' % (key, zlib.crc32(photo_base64) if photo_base64 else 0)


def _response(status, body):
    return b"HTTP/1.1 %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


def _json_response(value, status="200 OK"):
    return _response(status, json.dumps(value, separators=(",", ":")).encode())


def _chunk(line):
    text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    return b"%x\r\n%s\r\n" % (len(text), text)


def _line(content, **more):
    return _chunk({"model": MODEL, "created_at": "2026-01-01T00:00:00.0Z", "message": {"role": "assistant", "content": content}, "done": bool(more), **more})


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAM_END = b"0\r\n\r\n"


class Model:
    """`mode` is answer, busy (503), hang (takes everything, answers nothing, also later) or cut (breaks off every answer of a chat)."""

    def __init__(self, port, records, addresses):
        self.port, self.records, self.addresses = port, records, addresses
        self.mode, self.loaded_at, self.delay = "answer", 0.0, None
        self.calls, self.connections, self.listeners = 0, set(), []
        self.open = {}  # call number -> connection
        self.chance = random.Random(1)

    def record(self, **event):
        self.records.write(json.dumps({"at": time.monotonic(), **event}) + "\n")
        self.records.flush()

    async def listen(self):
        for host, address in enumerate(self.addresses):
            self.listeners.append(await asyncio.get_running_loop().create_server(
                lambda host=host: Connection(self, host), address, self.port, backlog=512))

    async def obey(self, command):
        self.record(command=command)
        if command == "down":
            while self.listeners:
                self.listeners.pop().close()
            self._end_open("down")
            for connection in list(self.connections):
                connection.transport.abort()
        elif command == "up":
            await self.listen()
        elif command.startswith("unload "):
            # The runner is gone with what it worked on; whatever is asked meanwhile waits for the model to be loaded again.
            self.loaded_at = time.monotonic() + float(command.split()[1])
            for call, connection in list(self.open.items()):
                self._end(call, "died")
                connection.send(_json_response(RUNNER_DIED, "500 Internal Server Error"))
        elif command.startswith("delay "):
            self.delay = float(command.split()[1])
        elif command == "catch up":
            for _ in range(3):  # what had arrived is read in the first turn and written down in the second
                await asyncio.sleep(0)
        else:
            self.mode = command
            if command == "hang":
                for call in self.open:
                    self.record(call=call, spoiled="hung")
                self.open.clear()
        return {"at": time.monotonic()}

    def _end_open(self, how):
        for call in list(self.open):
            self._end(call, how)

    def _end(self, call, how):
        if self.open.pop(call, None) is not None:
            self.record(call=call, **({"answered": True} if how == "answered" else {"spoiled": how}))

    def gone(self, connection):
        """The client has left."""
        self.connections.discard(connection)
        for call in [call for call, its in self.open.items() if its is connection]:
            del self.open[call]
            self.record(call=call, left=True)

    def take(self, connection, target, body):
        if target != "/api/chat":
            if self.mode != "hang":
                connection.send(self._about(target))
        elif EMPTY_MESSAGES.search(body[:4096]):
            asyncio.ensure_future(self._load(connection))
        else:
            asyncio.ensure_future(self._chat(connection, body))

    def _about(self, target):
        loaded = time.monotonic() >= self.loaded_at
        return {"/api/version": lambda: _json_response({"version": "0.24.0"}),
                "/api/tags": lambda: _json_response({"models": [ENTRY]}),
                "/api/ps": lambda: _json_response({"models": [{**ENTRY, "expires_at": "2318-01-01T00:00:00Z", "size_vram": 0}] if loaded else []}),
                "/api/show": lambda: _json_response({"details": ENTRY["details"], "template": "{{ .Prompt }}", "model_info": {},
                                                     "capabilities": ["completion", "vision"]}),
                }.get(target, lambda: _json_response({"error": "not found"}, "404 Not Found"))()

    async def _wait_loaded(self):
        while (left := self.loaded_at - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def _refuses(self, connection):
        if self.mode == "busy":
            connection.send(_json_response({"error": "server busy, please try again. maximum pending requests exceeded"}, "503 Service Unavailable"))
        return self.mode in ("busy", "hang")

    async def _load(self, connection):
        if self._refuses(connection):
            return
        await self._wait_loaded()
        if self.mode == "cut":
            connection.cut()
        elif self.mode != "hang":
            connection.send(STREAM_HEAD + _line("", done=True, done_reason="load") + STREAM_END)

    async def _chat(self, connection, body):
        found, photo = ID.search(body), PHOTO.search(body)
        key = found.group(1).decode() if found else "?"
        self.calls += 1
        call = self.calls
        self.record(call=call, id=key, host=connection.host)
        if self._refuses(connection):
            self.record(call=call, spoiled="busy" if self.mode == "busy" else "hung")
            return
        self.open[call] = connection
        await self._wait_loaded()
        await asyncio.sleep(self.delay or (SLOW_SECONDS if self.chance.random() < SLOW_SHARE else self.chance.uniform(*DELAY_SECONDS)))
        if call not in self.open:
            return  # hung, ended, or nobody waits any more
        answer = answer_to(key, photo and photo.group(1)).replace(",", ", ")
        half = len(answer) // 2
        begin = STREAM_HEAD + _line(answer[:half])
        if self.mode == "cut":
            self._end(call, "cut")
            connection.send(begin)
            connection.cut()
            return
        self._end(call, "answered")
        connection.send(begin + _line(answer[half:]) + _line("", done=True, done_reason="stop", total_duration=1000000, load_duration=100000,
                                                             prompt_eval_count=12, prompt_eval_duration=300000, eval_count=9, eval_duration=600000)
                        + STREAM_END)


class Connection(asyncio.Protocol):
    def __init__(self, model, host):
        self.model, self.host, self.buffer, self.wanted = model, host, bytearray(), None

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.model.connections.add(self)

    def connection_lost(self, _):
        self.model.gone(self)

    def data_received(self, data):
        self.buffer += data
        if self.wanted is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.buffer[:end]).decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            self.target, self.wanted = head[0].split(" ")[1], int(fields.get("content-length", 0))
            del self.buffer[:end + 4]
        if len(self.buffer) >= self.wanted:
            body, self.wanted = bytes(self.buffer), None
            self.buffer.clear()
            self.model.take(self, self.target, body)

    def send(self, data):
        if not self.transport.is_closing():
            self.transport.write(data)

    def cut(self):
        self.transport.close()


async def serve(port, control_port, records, addresses):
    model = Model(port, records, addresses)
    await model.listen()

    async def control(reader, writer):
        while line := await reader.readline():
            writer.write(json.dumps(await model.obey(line.decode().strip())).encode() + b"\n")
    await asyncio.start_server(control, "127.0.0.1", control_port)
    print("listening", flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


class Call:
    def __init__(self, key, began, host=0):
        self.key, self.began, self.host = key, began, host
        self.answered = None  # when
        self.spoiled = None   # why the stub itself gave no answer: busy, hung, cut, died, down
        self.spoiled_at = None


class StubModel:
    """A context manager around the program."""

    def __init__(self, hosts=1, addresses=None):
        """`addresses`: of its hosts; otherwise so many of the loopback's."""
        self.port, self.control_port = free_port(), free_port()
        self.addresses = addresses or ["127.0.0.%d" % (host + 1) for host in range(hosts)]
        self.urls = ["http://%s:%d" % (address, self.port) for address in self.addresses]
        self.url = self.urls[0]
        self.records = os.path.join(temporary_folder(), "model-%d.jsonl" % self.port)
        self.child = self.socket = None

    def __enter__(self):
        self.child = Child([sys.executable, os.path.abspath(__file__), str(self.port), str(self.control_port), self.records,
                            *self.addresses], name="stub-model")
        try:
            wait_until(lambda: self.child.exit_code() is not None or "listening" in self.child.stdout(), 10, "the stub listens")
            if self.child.exit_code() is not None:
                raise RuntimeError("the stub ended: %s" % self.child.stderr())
            self.socket = socket.create_connection(("127.0.0.1", self.control_port), timeout=10)
        except BaseException:
            self.child.close()
            raise
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.child.close()

    def tell(self, command):
        """answer, busy, hang, cut, down, up, "unload SECONDS" or "delay SECONDS" (of every answer); gives the time at which it held."""
        self.socket.sendall(command.encode() + b"\n")
        with self.socket.makefile("r") as replies:
            return json.loads(replies.readline())["at"]

    def catch_up(self):
        """Returns when every call that has arrived is written down, also those of a client that is dead; gives the time."""
        return self.tell("catch up")

    def calls(self):
        """{id: its calls, in the order of their beginning}."""
        calls, by_key = {}, {}
        with open(self.records, encoding="ascii") as lines:
            for event in map(json.loads, lines):
                if "id" in event:
                    calls[event["call"]] = Call(event["id"], event["at"], event["host"])
                    by_key.setdefault(event["id"], []).append(calls[event["call"]])
                elif "answered" in event:
                    calls[event["call"]].answered = event["at"]
                elif "spoiled" in event:
                    calls[event["call"]].spoiled, calls[event["call"]].spoiled_at = event["spoiled"], event["at"]
        return by_key


if __name__ == "__main__":
    with open(sys.argv[3], "w", encoding="ascii") as out:
        asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), out, sys.argv[4:]))
