"""Requests that chance has changed, to a real service on one store, over its control socket."""
import collections
import json
import random
import re
import signal
import socket
import subprocess
import time

BODIES = {
    "/api/activate": {"references": ["robot_001_v2"], "reason": "night run"},
    "/api/confirm": {}, "/api/rollback": {"bad": False}, "/api/boot": {},
    "/api/health": {"fault": "the gripper trembles", "generation": 2},
    "/api/install": {"references": ["robot_001_v4"]}, "/api/uninstall": {"reference": "robot_001_v3", "dry_run": True},
    "/api/pins": {"reference": "robot_001_v2"},
    "/api/channels": {"name": "stable", "reference": "robot_001_v2", "reason": "passed"},
    "/api/evaluations": {"reference": "robot_001_v2", "by": "rig 2", "result": {"grasped": 47}},
    "/api/publish": {"adapter": "robot_009", "paths": ["/nonexistent"]},
    "/api/tokens": {"name": "night", "scopes": ["read"]}, "/api/login": {"token": "x"}, "/api/verify": {}, "/api/gc": {},
    "/api/training/cloud/trigger": {"adapter": "robot_001", "config": {"epochs": 100}},
}
READS = ("/api/active", "/api/models?limit=2&after=robot_001_v1", "/api/models/robot_001_v2/manifest",
         "/api/models/robot_001_v2/files/config.json", "/api/models/robot_001@latest", "/api/models/robot_001_v1/diff/robot_001_v2",
         "/api/history?limit=3", "/api/audit?limit=2", "/api/active/at/2026-01-05T10:15:00Z", "/", "/models/robot_001_v1",
         "/api/impact?subject=e1", "/api/channels/robot_001@stable/history", "/metrics", "/openapi.yaml")
# An answer, or an end without one; never a failure of the service's own, but for what is away or not set up here.
FINE = {*range(200, 500), 501, 502, 503, 504, 507}
PATIENCE = 60
WELL = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def samples():
    head = b"Host: localhost\r\nConnection: close\r\nUser-Agent: evidence\r\n"
    for path in READS:
        for more in (b"", b'Range: bytes=0-3\r\nIf-None-Match: "x"\r\n', b"Accept: text/html\r\nAccept-Encoding: gzip\r\n"):
            yield b"GET " + path.encode() + b" HTTP/1.1\r\n" + head + more + b"\r\n", b""
    for path, body in BODIES.items():
        yield b"POST " + path.encode() + b" HTTP/1.1\r\n" + head + b"Content-Type: application/json\r\n", json.dumps(body).encode()
    yield b"DELETE /api/pins/robot_001_v2 HTTP/1.1\r\n" + head + b"\r\n", b""


class Service:
    """`modelctl serve` with nothing that begins by itself."""

    def __init__(self, program, base):
        self.path = f"{base}/root/control.sock"
        settings = base / "served.yaml"
        settings.write_text(json.dumps({"serve": {"schedule": dict.fromkeys(("sync", "gc", "scrub", "training"), "none")}}))
        self.log = open(base / "service.log", "w+b")
        self.process = subprocess.Popen(
            program.words(base, ("serve", "--listen", "127.0.0.1:0", "--config", f"{settings}")), env=program.environment,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE
        while not self.begins():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise SystemExit(f"error: the service doesn't begin: {self.said()}")
            time.sleep(0.05)

    def status(self, request):
        """The first answer's status; None where the connection ends without one. Fails where neither comes."""
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(PATIENCE)
            stream.connect(self.path)
            answer = b""
            try:
                stream.sendall(request)
                stream.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass  # It may have answered, and not want the rest.
            try:
                # The stream of events ends when nobody listens, which it notes when it writes.
                while not re.match(rb"HTTP/1\.[01] \d{3}", answer) and (piece := stream.recv(65536)):
                    answer += piece
            except ConnectionError:
                pass
        found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        return int(found[1]) if found else None

    def begins(self):
        """Whether it answers, at the beginning."""
        try:
            return self.status(WELL) == 200
        except OSError:
            return False

    def said(self):
        self.log.seek(0)
        return self.log.read()[-2000:].decode(errors="replace")

    def close(self):
        """Its exit code after a polite request to end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "killed, as it didn't end"


def complete(head, body, key=None):
    head += b"Idempotency-Key: %s\r\n" % key if key else b""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body if body else head


VALUES = (None, True, 0, -1, 2**63, 1e308, "", "x" * 5000, "robot_001_v2", "robot_001_v1", "robot_001@latest", "../..", "/", "a\u0000b",
          "\u202e", "2026-01-05T10:15:00Z", [], ["robot_001_v1"], ["robot_001_v2"] * 40, {}, {"a": {"b": [1]}})


def restructured(generator, body):
    """A document that is still one: a field gone, or one that has another value."""
    document = json.loads(body)
    key = generator.choice([*document, "generation", "if_generation", "reason", "dry_run"])
    if generator.random() < 0.2:
        document.pop(key, None)
    else:
        document[key] = generator.choice((*VALUES, *(value for one in BODIES.values() for value in one.values())))
    return json.dumps(document).encode()


def changed(generator, mutate):
    """A request: a field of its body changed, or any byte of that with its length right, or anything in it."""
    every = list(samples())
    with_body = [one for one in every if one[1]]
    key = generator.choice((None, b"%x" % generator.randrange(1 << 32)))
    luck = generator.random()
    if luck < 0.75:
        head, body = generator.choice(with_body)
        if luck < 0.5:
            return complete(head, restructured(generator, body), key)
        return complete(head, mutate(generator, body, [one[1] for one in with_body]), key)
    return mutate(generator, complete(*generator.choice(every), key), [b"".join(one) for one in every])


def fuzz(bench, base, seed, count, mutate):
    """Sends `count` requests to one service; what broke."""
    service = Service(bench.program, base)
    try:
        return sent(bench, base, service, seed, count, mutate)
    finally:
        service.process.kill()


def sent(bench, base, service, seed, count, mutate):
    violations, statuses = [], collections.Counter()

    def send(request, name):
        problem, status = "", None
        try:
            status = service.status(request)
            problem = "" if status is None or status in FINE else f"answers {status}"
        except OSError as error:
            problem = f"neither answers nor ends: {error}"
        if service.process.poll() is not None:
            problem = f"the service ended with {service.process.returncode}: {service.said()}"
        if problem:
            violations.append({"case": name, "changed": repr(request[:400]), "problems": [problem]})
        return status

    # As they are they must get to what they ask for, or nothing that is changed in them means anything.
    unmet = [head.split()[1].decode() for head, body in samples()
             if send(complete(head, body), "an unchanged request") in (None, 400, 405, 411, 415)]
    if unmet:
        violations.append({"case": "unchanged requests", "changed": "", "problems": [f"not understood: {unmet}"]})
    for number in range(count):
        statuses[send(changed(random.Random(f"{seed} request {number}"), mutate), f"request {number}")] += 1
        if number % 50 == 0 and send(WELL, f"after request {number}") != 200:
            violations.append({"case": f"after request {number}", "changed": "", "problems": ["it isn't well"]})
        if service.process.poll() is not None:
            return violations
    code = service.close()
    problems = [f"the service ends with {code}"] if code else []
    if count >= 300 and sum(times for status, times in statuses.items() if status and status < 300) < count // 50:
        problems.append(f"hardly any request was carried out: {statuses}")
    with bench.judge() as judge:
        problems += judge.ask(root=f"{base}/root", recovered=True, verifies=True)
    return violations + ([{"case": "after all requests", "changed": "", "problems": problems}] if problems else [])
