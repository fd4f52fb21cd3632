"""Several who change the same store at once, and a service that is told to stop in the middle."""

import concurrent.futures
import json
import pathlib
import signal
import threading
import unittest

from .served import PATIENCE_SECONDS, Served, Store, wait_for


def at_once(*works):
    """What each gave, when all began together."""
    barrier = threading.Barrier(len(works))

    def begin(work):
        barrier.wait(PATIENCE_SECONDS)
        return work()

    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(begin, work) for work in works]]


class Operators(unittest.TestCase):
    def setUp(self):
        self.store = Store()
        self.addCleanup(self.store.remove)
        for content in (b"one", b"two", b"three"):
            self.store.publish("robot_001", content)
        self.store.publish("robot_002", b"other")
        self.store.ctl("activate", "robot_001_v1")
        self.tokens = {name: self.store.token(name, "operate") for name in ("anna", "bert")}
        self.served = Served(self.store)
        self.addCleanup(self.served.stop)

    def post(self, who, path, body, **headers):
        return self.served.ask(
            "POST", path, body, {"Authorization": f"Bearer {self.tokens[who]}"} | {k.replace("_", "-"): v for k, v in headers.items()})

    def ended_operations(self):
        """Every operation, once none is under way."""
        document = self.served.ask("GET", "/api/operations", headers={"Authorization": f"Bearer {self.tokens['anna']}"})[2]
        return all(one["ended_at"] for one in document["operations"]) and document["operations"]

    def assert_sound(self):
        for words in (("doctor",), ("verify",), ("audit", "verify")):
            self.store.ctl(*words)

    def test_one_of_two_wins_and_the_other_learns_of_it(self):
        for _ in range(5):
            active = self.served.ask("GET", "/api/active", headers={"Authorization": f"Bearer {self.tokens['anna']}"})[2]
            others = [f"robot_001_v{n}" for n in (1, 2, 3) if f"robot_001_v{n}" != active["set"]["robot_001"]["version"]]
            wanted = list(zip(("anna", "bert"), others))
            bodies = [{"references": [version], "if_generation": active["generation"], "confirmed": True, "reason": f"{who} says so"}
                      for who, version in wanted]
            answers = at_once(*[lambda who=who, body=body: self.post(who, "/api/activate", body) for (who, _), body in zip(wanted, bodies)])
            self.assertEqual(sorted(status for status, _, _ in answers), [200, 409], answers)
            winner = [who for (who, _), answer in zip(wanted, answers) if answer[0] == 200][0]
            problem = [document for status, _, document in answers if status == 409][0]
            self.assertEqual(problem["code"], "refused")
            told = problem["detail"]
            self.assertTrue(
                f"token:{winner}, {winner} says so" in told or "another generation was activated" in told, told)
        kinds = [(entry["by"], entry["kind"]) for entry in self.served.ask(
            "GET", "/api/history", headers={"Authorization": f"Bearer {self.tokens['anna']}"})[2]["switches"]]
        self.assertEqual(sum(kind == "activate" and by.startswith("token:") for by, kind in kinds), 5, kinds)
        self.assert_sound()

    def test_the_same_request_again_is_done_once(self):
        body = {"references": ["robot_001_v2"], "confirmed": True}
        answers = at_once(*[lambda: self.post("anna", "/api/activate", body, Idempotency_Key="night") for _ in range(8)])
        done = [document for status, _, document in answers if status == 200]
        self.assertTrue(done)
        self.assertEqual({status for status, _, _ in answers} - {200, 503}, set())
        again = self.post("anna", "/api/activate", body, Idempotency_Key="night")
        self.assertEqual([document["switch"] for document in done], [again[2]["switch"]] * len(done))
        other = self.post("anna", "/api/activate", body | {"reason": "another"}, Idempotency_Key="night")
        self.assertEqual((other[0], other[2]["code"]), (409, "refused"))
        # The key is hers: with somebody else's token it is another one.
        self.assertEqual(self.post("bert", "/api/activate", body | {"reason": "another"}, Idempotency_Key="night")[0], 200)

    def test_the_api_and_the_command_line_at_once(self):
        def switched(path, body):
            """It is done, or refused for what another switch at the same time is reason enough."""
            status, _, document = self.post("anna", path, body)
            if status == 409:
                self.assertRegex(document["detail"], "another generation was activated|no confirmed generation to go back to")
            else:
                self.assertEqual(status, 200, (path, document))
            return status == 200

        def by_api():
            activated = back = 0
            for number in range(6):
                activated += switched("/api/activate", {"references": [f"robot_001_v{number % 3 + 1}"], "confirmed": True})
                back += switched("/api/rollback", {})
                for path, body, expected in (
                    ("/api/pins", {"reference": "robot_001_v1"}, 200), ("/api/gc", {"keep": 9}, 202), ("/api/verify", {}, 202),
                ):
                    status, _, document = self.post("anna", path, body)
                    self.assertEqual(status, expected, (path, document))
            self.assertTrue(activated and back, (activated, back))

        def activated(version):
            try:
                return self.store.ctl("activate", version, "--confirmed")
            except AssertionError as error:
                # It says itself that one activates again.
                self.assertIn("another generation was activated meanwhile", str(error))

        def by_hand():
            for number in range(6):
                self.store.publish("robot_002", f"content {number}".encode())
                wait_for("it is active", lambda: activated(f"robot_002_v{number + 2}"))
                self.store.ctl("unpin", "robot_001_v1")
                self.store.ctl("gc", "--keep", "9")

        def looking():
            for _ in range(60):
                for path in ("/api/active", "/api/status", "/api/models", "/api/history"):
                    status, _, document = self.served.ask("GET", path, headers={"Authorization": f"Bearer {self.tokens['bert']}"})
                    self.assertEqual(status, 200, document)

        at_once(by_api, by_hand, looking)
        operations = wait_for("all work ends", self.ended_operations)
        self.assertEqual(
            [(one["kind"], one["error"]) for one in operations if one["state"] != "done"], [])
        self.assertEqual(self.served.stop(), 0)
        self.assert_sound()
        versions = {entry["version"] for entry in self.store.json("list")["versions"]}
        self.assertEqual(versions, {f"robot_001_v{n}" for n in (1, 2, 3)} | {f"robot_002_v{n}" for n in range(1, 8)})

    def test_a_token_that_is_taken_back_is_good_for_nothing_more(self):
        session = self.served.ask("POST", "/api/login", {"token": self.tokens["bert"]})
        cookie = {"Cookie": session[1]["Set-Cookie"].split(";")[0]}
        self.assertEqual(self.served.ask("GET", "/api/active", headers=cookie)[0], 200)
        self.store.ctl("token", "revoke", "bert")
        self.assertEqual(self.served.ask("GET", "/api/active", headers=cookie)[0], 401)
        self.assertEqual(self.post("bert", "/api/rollback", {})[0], 401)
        self.assertEqual(self.served.ask("POST", "/api/login", {"token": self.tokens["bert"]})[0], 401)
        self.store.ctl("token", "revoke", "anna")
        # That there is none left opens nothing.
        self.assertEqual(self.served.ask("GET", "/api/active")[0], 401)

    def test_tries_to_sign_in_are_limited(self):
        statuses = [self.served.ask("POST", "/api/login", {"token": "mctl_" + "A" * 43})[0] for _ in range(12)]
        self.assertEqual(statuses[:3], [401] * 3)
        self.assertIn(429, statuses)
        # Requests with a token are not.
        self.assertEqual(self.post("anna", "/api/pins", {"reference": "robot_001_v1"})[0], 200)


class Stopping(unittest.TestCase):
    def test_work_in_the_middle_ends_and_goes_on_later(self):
        store = Store()
        self.addCleanup(store.remove)
        # Small blobs, as one that is read in part is read again.
        for number in range(32):
            store.write(f"many/{number}.bin", bytes([number]) * (64 << 10))
        store.ctl("publish", "robot_001", store.folder / "many")
        store.ctl("activate", "robot_001_v1")
        configuration = {"serve": {"schedule": {"sync": "none", "gc": "none", "training": "none", "scrub": "none", "scrub_rate": "256KiB"}}}
        served = Served(store, configuration)
        self.addCleanup(served.kill)
        _, _, scrub = served.ask("POST", "/api/schedule/scrub/run", {}, by_socket=True)
        waiting = [served.ask("POST", "/api/schedule/scrub/run", {}, by_socket=True)[2]["id"] for _ in range(3)]
        self.assertEqual(set(waiting), {scrub["id"]}, "one round at a time")
        wait_for(
            "it has read some blobs",
            lambda: served.ask("GET", f"/api/operations/{scrub['id']}")[2]["progress"]["done_bytes"] > 256 << 10)
        with served.connect() as listener:
            listener.sendall(f"GET /api/events HTTP/1.1\r\nHost: {served.address}\r\n\r\n".encode())
            self.assertTrue(listener.recv(4096))
            self.assertEqual(served.stop(), 0)
            while listener.recv(4096):
                pass
        self.assertFalse(pathlib.Path(served.socket_path).exists(), "the control socket is left")
        for words in (("doctor",), ("verify",), ("audit", "verify")):
            store.ctl(*words)
        before = store.json("status")["scrub"]
        self.assertGreater(before["done_bytes"], 0)
        self.assertLess(before["done_bytes"], before["total_bytes"])
        self.assertIsNone(before["finished_at"])
        again = Served(store, {"serve": {"schedule": {"sync": "none", "gc": "none", "training": "none", "scrub": "none", "scrub_rate": "1GiB"}}})
        self.addCleanup(again.stop)
        _, _, operation = again.ask("POST", "/api/schedule/scrub/run", {}, by_socket=True)
        ended = again.followed(operation)
        self.assertEqual(ended["state"], "done", ended)
        self.assertEqual(ended["result"]["damaged"], [])
        # It went on where it was, and read nothing twice.
        self.assertTrue(ended["result"]["finished"], ended)
        self.assertEqual(before["done_bytes"] + ended["result"]["checked_bytes"], before["total_bytes"], ended)

    def test_work_can_be_cancelled(self):
        store = Store()
        self.addCleanup(store.remove)
        store.publish("robot_001", bytes(4 << 20))
        secret = {name: store.token(name, *scopes) for name, scopes in {"t": ["train"], "o": ["operate"]}.items()}
        served = Served(store, {"serve": {"schedule": {"sync": "none", "gc": "none", "training": "none", "scrub": "none", "scrub_rate": "64KiB"}}})
        self.addCleanup(served.stop)

        def by(who):
            return {"Authorization": f"Bearer {secret[who]}"}

        _, headers, operation = served.ask("POST", "/api/schedule/scrub/run", {}, by("o"))
        place = headers["Location"]
        # It is somebody else's.
        self.assertEqual(served.ask("POST", f"{place}/cancel", {}, by("t"))[0], 403)
        self.assertEqual(served.ask("POST", f"{place}/cancel", {}, by("o"))[0], 202)
        ended = wait_for("it ends", lambda: (d := served.ask("GET", place, headers=by("t"))[2])["ended_at"] and d)
        self.assertEqual((ended["state"], ended["error"]["code"]), ("cancelled", "cancelled"), ended)
        self.assertEqual(served.ask("POST", f"{place}/cancel", {}, by("o"))[0], 409)
        self.assertEqual(served.stop(), 0)

    def test_a_service_that_is_killed_starts_again(self):
        store = Store()
        self.addCleanup(store.remove)
        store.publish("robot_001", b"one")
        store.ctl("activate", "robot_001_v1")
        served = Served(store)
        self.assertEqual(served.stop(signal.SIGKILL), -signal.SIGKILL)
        again = Served(store)
        self.addCleanup(again.stop)
        self.assertEqual(again.ask("GET", "/api/active")[0], 200)
        self.assertEqual(again.ask("POST", "/api/boot", {}, by_socket=True)[0], 200)

    def test_two_services_of_one_store(self):
        store = Store()
        self.addCleanup(store.remove)
        store.publish("robot_001", b"one")
        served = Served(store)
        self.addCleanup(served.stop)
        with self.assertRaisesRegex(AssertionError, "another service listens"):
            Served(store)
        self.assertEqual(served.ask("GET", "/api/models", by_socket=True)[0], 200)


if __name__ == "__main__":
    unittest.main()
