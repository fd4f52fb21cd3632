"""The HTTP service under load on loopback: wrk beside it, and nginx without sendfile on the same file."""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

MIB = 1 << 20
SECONDS = 5


class Served:
    """`modelctl serve` on a store, on a free port, until the block ends. Nothing that is scheduled runs beside what is measured."""

    def __init__(self, modelctl, root):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MODELCTL_")}
        configuration = pathlib.Path(f"{root}.served.yaml")
        configuration.write_text(json.dumps({"serve": {"schedule": dict.fromkeys(("sync", "gc", "scrub", "training"), "none")}}))
        self.process = subprocess.Popen(
            [modelctl, "serve", "--root", root, "--listen", "127.0.0.1:0", "--json", "--config", configuration],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
        line = self.process.stdout.readline() if select.select([self.process.stdout], [], [], 60)[0] else ""
        if not line:
            self.end()
            raise SystemExit("error: the service doesn't listen")
        self.address = json.loads(line)["listening"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)
        self.process.stdout.close()

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) * 1024

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=60) as answer:
            return json.load(answer)


def wrk(run, address, path):
    """Requests a second, and the slowest but one in a hundred, in seconds.

    One thread of wrk is never the slower side here, and it takes no more than a core from the service.
    """
    text = run(["wrk", "--threads", "1", "--connections", "32", "--duration", f"{SECONDS}s", "--latency",
                f"http://{address}{path}"]).output
    if re.search(r"Non-2xx", text):
        raise SystemExit(f"error: wrk got other answers than 2xx:\n{text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]


def fetch(run, address, path):
    return run(["curl", "--silent", "--fail", "--output", os.devnull, f"http://{address}{path}"]).seconds


class Nginx:
    """nginx on a folder, with sendfile off, on a free port, until the block ends."""

    def __init__(self, folder, scratch):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        scratch.mkdir()
        configuration = scratch / "nginx.conf"
        configuration.write_text(
            f"daemon off; worker_processes 2; pid {scratch}/pid; error_log {scratch}/error;\n"
            "events { worker_connections 64; }\n"
            f"http {{ access_log off; sendfile off; client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy;\n"
            f"  fastcgi_temp_path {scratch}/fastcgi; uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;\n"
            f"  server {{ listen {self.address}; root {folder}; }} }}\n")
        os.chmod(folder, 0o755)
        self.process = subprocess.Popen(["nginx", "-c", configuration, "-p", scratch, "-g", "user root;"],
                                        stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        raise SystemExit("error: nginx doesn't answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


def measure(benchmark, median, run):
    size = f"{benchmark.bytes // MIB} MiB"
    web = benchmark.folder / "web"
    web.mkdir()
    benchmark.fill(web / "big.bin", benchmark.bytes)
    root = benchmark.fresh_store("store")
    benchmark.ctl(root, "publish", "big", web / "big.bin")
    benchmark.ctl(root, "activate", "big_v1", "--confirmed")
    with Served(benchmark.modelctl, root) as served:
        served.get("/api/active")
        benchmark.row("serve, idle memory", served.resident_bytes(), 60 * MIB, "B")
        rounds = [wrk(run, served.address, "/api/active") for _ in range(benchmark.rounds)]
        benchmark.row("GET /api/active, requests a second", median(rate for rate, _ in rounds))
        benchmark.row("15,000 requests of GET /api/active", 15_000 / median(rate for rate, _ in rounds), 1.0, "s")
        benchmark.row("GET /api/active, slowest but one in a hundred", median(slow for _, slow in rounds), 0.005, "s")
        path = "/api/models/big_v1/files/big.bin"
        with Nginx(web, benchmark.folder / "nginx") as nginx:
            ours, theirs = [], []
            for _ in range(benchmark.rounds):
                theirs.append(fetch(run, nginx.address, "/big.bin"))
                ours.append(fetch(run, served.address, path))
        benchmark.row(f"nginx, sendfile off, {size}", median(theirs), unit="s")
        benchmark.row(f"GET of a {size} file, times nginx with sendfile off", median(ours) / median(theirs), 2.0, "×")
        benchmark.row("serve, memory after that", served.resident_bytes(), None, "B")
    with Served(benchmark.modelctl, root) as served:
        streams = []
        host, port = served.address.split(":")
        for _ in range(200):
            stream = socket.create_connection((host, int(port)), 10)
            stream.sendall(f"GET /api/events HTTP/1.1\r\nHost: {served.address}\r\n\r\n".encode())
            if not stream.recv(4096).startswith(b"HTTP/1.1 200"):
                raise SystemExit("error: no stream of events")
            streams.append(stream)
        benchmark.row("serve with 200 idle streams of events, memory", served.resident_bytes(), 100 * MIB, "B")
        for stream in streams:
            stream.close()
    shutil.rmtree(web)
    shutil.rmtree(root)
    shutil.rmtree(benchmark.folder / "nginx")


def pages(benchmark, median, root, name):
    """Pages of lists of an index that is there, each with the whole request: `name` says how many versions it has."""
    with Served(benchmark.modelctl, root) as served:
        middle = urllib.parse.quote(served.get("/api/models?limit=500")["next"])
        for label, path in (("first", "/api/models?limit=100"), ("middle", f"/api/models?limit=100&after={middle}")):
            served.get(path)
            times = []
            for _ in range(max(benchmark.rounds, 20)):
                began = time.perf_counter()
                served.get(path)
                times.append(time.perf_counter() - began)
            benchmark.row(f"GET /api/models, a {label} page of {name} versions", median(times), 0.020, "s")
