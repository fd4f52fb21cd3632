"""Requests that chance has changed, to a real service on one store, over its control socket."""
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
    "/api/install": {"references": ["robot_001_v4"]}, "/api/uninstall": {"references": ["robot_001_v3"]},
    "/api/pins": {"reference": "robot_001_v2"},
    "/api/channels": {"channel": "robot_001@stable", "version": "robot_001_v2"},
    "/api/evaluations": {"version": "robot_001_v2", "result": {"success_rate": 0.93}},
    "/api/publish": {"adapter": "robot_009", "path": "/nonexistent"},
    "/api/tokens": {"name": "night", "scopes": ["read"]}, "/api/login": {"token": "x"}, "/api/verify": {}, "/api/gc": {},
    "/api/training/cloud/trigger": {"episodes": ["e1"], "base_model": "robot_001_v1"},
}
READS = ("/api/active", "/api/models?limit=2&after=robot_001_v1", "/api/models/robot_001_v2/manifest",
         "/api/models/robot_001_v2/files/config.json", "/api/models/robot_001@latest", "/api/models/robot_001_v1/diff/robot_001_v2",
         "/api/history?limit=3", "/api/audit?limit=2", "/api/active/at/2026-01-05T10:15:00Z", "/api/events?after=1", "/", "/models",
         "/api/impact?episode=e1", "/api/channels/robot_001@stable/history", "/metrics", "/openapi.yaml")
# An answer, or an end without one; never a failure of the service's own, but for what is away or not set up here.
FINE = {*range(200, 500), 501, 502, 503, 504, 507}
PATIENCE = 20


def samples():
    head = b"Host: localhost\r\nConnection: close\r\nUser-Agent: evidence\r\n"
    for path in READS:
        for more in (b"", b'Range: bytes=0-3\r\nIf-None-Match: "x"\r\n', b"Accept: text/html\r\nAccept-Encoding: gzip\r\n"):
            yield b"GET " + path.encode() + b" HTTP/1.1\r\n" + head + more + b"\r\n", b""
    for path, body in BODIES.items():
        yield b"POST " + path.encode() + b" HTTP/1.1\r\n" + head + b"Content-Type: application/json\r\nIdempotency-Key: k\r\n", json.dumps(body).encode()
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
        while self.status(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") != 200:
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"error: the service doesn't begin: {self.said()}")
            time.sleep(0.05)

    def status(self, request):
        """The first answer's status; None where the connection ends without one. Fails where neither comes."""
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(PATIENCE)
            answer = b""
            try:
                stream.connect(self.path)
                stream.sendall(request)
                stream.shutdown(socket.SHUT_WR)
                # The stream of events ends when nobody listens, which it notes when it writes.
                while not re.match(rb"HTTP/1\.[01] \d{3}", answer) and (piece := stream.recv(65536)):
                    answer += piece
            except (ConnectionError, FileNotFoundError):
                pass
        found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        return int(found[1]) if found else None

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


def changed(generator, mutate):
    """A request: its body changed and its length right, or anything in it changed."""
    every = list(samples())
    head, body = generator.choice(every)
    others = [b"".join(one) for one in every]
    if body and generator.random() < 0.6:
        body = mutate(generator, body, [one[1] for one in every if one[1]])
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    whole = head + (b"Content-Length: %d\r\n\r\n" % len(body) + body if body else b"")
    return mutate(generator, whole, others)


def fuzz(bench, base, seed, count, mutate):
    """Sends `count` requests to one service; what broke."""
    service, violations = Service(bench.program, base), []
    for number in range(count):
        request = changed(random.Random(f"{seed} request {number}"), mutate)
        try:
            status = service.status(request)
            problem = "" if status is None or status in FINE else f"answers {status}"
        except TimeoutError:
            problem = f"neither answers nor ends within {PATIENCE} s"
        if service.process.poll() is not None:
            problem = f"the service ended with {service.process.returncode}: {service.said()}"
        if problem:
            violations.append({"case": f"request {number}", "changed": repr(request[:400]), "problems": [problem]})
        if service.process.poll() is not None:
            return violations
    code = service.close()
    problems = [f"the service ends with {code}"] if code else []
    with bench.judge() as judge:
        problems += judge.ask(root=f"{base}/root", recovered=True, verifies=True)
    return violations + ([{"case": "after all requests", "changed": "", "problems": problems}] if problems else [])
