"""A store that is damaged: what can be read is read, what can't says why, and the way back works."""

import pathlib
import unittest

from .served import Served, Store


class Damage(unittest.TestCase):
    def setUp(self):
        self.store = Store()
        self.addCleanup(self.store.remove)
        for content in (b"one" * 1000, b"two" * 1000):
            self.store.publish("robot_001", content)
        self.store.ctl("activate", "robot_001_v1")
        self.store.ctl("activate", "robot_001_v2", "--confirmed")

    def serve(self):
        served = Served(self.store)
        self.addCleanup(served.stop)
        return served

    def blob(self, digest):
        found = [path for path in (self.store.root / "blobs").rglob(digest.removeprefix("sha256:")) if path.is_file()]
        self.assertEqual(len(found), 1)
        return found[0]

    def harm(self, path, content):
        path.chmod(0o644)
        path.write_bytes(content)

    def digest(self, version):
        return [file["digest"] for file in self.store.json("files", version)["files"] if file["path"] == "adapter.bin"][0]

    def test_a_damaged_blob_is_not_sent(self):
        served = self.serve()
        path = "/api/models/robot_001_v2/files/adapter.bin"
        self.assertEqual(served.ask("GET", path)[0], 200)
        self.harm(self.blob(self.digest("robot_001_v2")), b"TWO" * 1000)
        _, _, operation = served.ask("POST", "/api/verify", {"full": True}, by_socket=True)
        ended = served.followed(operation)
        self.assertEqual(ended["state"], "done", ended)
        self.assertTrue(any("robot_001_v2" in damage["versions"] for damage in ended["result"]["damaged"]), ended)
        status, _, problem = served.ask("GET", path)
        self.assertEqual((status, problem["code"]), (422, "integrity"), problem)
        # What is good is there.
        self.assertEqual(served.ask("GET", "/api/models/robot_001_v1/files/adapter.bin")[2], b"one" * 1000)
        self.assertEqual(served.ask("GET", "/api/models/robot_001_v2/files/config/model_config.json")[2], b'{"rank":8}')
        listed = {entry["version"]: entry["damaged"] for entry in served.ask("GET", "/api/models")[2]["versions"]}
        self.assertEqual(listed, {"robot_001_v1": False, "robot_001_v2": True})
        for path in ("/api/active", "/api/status", "/api/history", "/api/models/robot_001_v2"):
            self.assertEqual(served.ask("GET", path)[0], 200, path)
        status, _, readiness = served.ask("GET", "/readyz")
        self.assertEqual((status, readiness["ready"]), (503, False), readiness)
        self.assertTrue(any("damaged" in problem for problem in readiness["problems"]), readiness)
        self.assertIn(b"modelctl_damaged_blobs 1", served.ask("GET", "/metrics")[2])
        self.assertEqual(served.ask("POST", "/api/rollback", {"bad": True, "reason": "damaged"}, by_socket=True)[0], 200)
        self.assertEqual(served.ask("GET", "/api/active")[2]["set"]["robot_001"]["version"], "robot_001_v1")

    def test_a_blob_that_is_cut_off_is_never_taken_for_whole(self):
        served = self.serve()
        self.harm(self.blob(self.digest("robot_001_v2")), b"two")
        answer = served.raw(
            f"GET /api/models/robot_001_v2/files/adapter.bin HTTP/1.1\r\nHost: {served.address}\r\n\r\n".encode())
        if answer is not None and answer[0] == 200:
            self.assertLess(len(answer[2]), int(answer[1]["content-length"]))
        elif answer is not None:
            self.assertEqual(answer[0], 422)
        self.assertEqual(served.ask("GET", "/api/active")[0], 200)

    def lose_index(self):
        for file in self.store.root.glob("registry.db*"):
            file.unlink()

    def assert_works_without_index(self, served):
        status, _, readiness = served.ask("GET", "/readyz")
        self.assertEqual((status, readiness["ready"]), (503, False))
        self.assertTrue(any("index" in problem and "rebuild" in problem for problem in readiness["problems"]), readiness)
        self.assertNotIn(str(self.store.root), str(readiness))
        for path in ("/healthz", "/api/active", "/api/status", "/api/health", "/metrics", "/openapi.yaml", "/api/operations", "/api/schedule"):
            self.assertEqual(served.ask("GET", path)[0], 200, path)
        for path in ("/api/models", "/api/history", "/api/audit", "/api/channels"):
            status, _, problem = served.ask("GET", path)
            self.assertEqual((status, problem["code"]), (422, "integrity"), path)
            self.assertIn("rebuild", problem["hint"], path)
        self.assertEqual(served.ask("POST", "/api/pins", {"reference": "robot_001_v1"}, by_socket=True)[0], 422)
        self.assertIn(b"modelctl_store_readable 0", served.ask("GET", "/metrics")[2])
        status, _, result = served.ask("POST", "/api/rollback", {"reason": "no index"}, by_socket=True)
        self.assertEqual(status, 200, result)
        self.assertEqual(result["set"]["robot_001"]["version"], "robot_001_v1")
        status, _, booted = served.ask("POST", "/api/boot", {}, by_socket=True)
        self.assertEqual((status, booted["generation"]), (200, result["generation"]))

    def test_an_index_that_is_lost_while_the_service_runs(self):
        served = self.serve()
        self.assertEqual(served.ask("GET", "/readyz")[0], 200)
        self.lose_index()
        self.assert_works_without_index(served)
        self.store.ctl("rebuild")
        self.assertEqual(served.ask("GET", "/readyz")[0], 200)
        self.assertEqual(len(served.ask("GET", "/api/models")[2]["versions"]), 2)
        self.store.ctl("doctor")

    def test_an_index_that_was_lost_before_the_service_starts(self):
        self.lose_index()
        served = self.serve()
        self.assert_works_without_index(served)

    def test_an_index_that_is_garbage(self):
        self.lose_index()
        (self.store.root / "registry.db").write_bytes(b"no database" * 1000)
        served = self.serve()
        self.assert_works_without_index(served)

    def test_a_store_without_anything_active(self):
        store = Store()
        self.addCleanup(store.remove)
        served = Served(store)
        self.addCleanup(served.stop)
        self.assertEqual(served.ask("GET", "/readyz")[0], 200)
        self.assertEqual(served.ask("GET", "/api/active")[0], 404)
        self.assertEqual(served.ask("POST", "/api/boot", {}, by_socket=True)[0], 404)
        self.assertEqual(served.ask("GET", "/api/models")[2]["versions"], [])

    def test_an_active_link_that_leads_nowhere(self):
        served = self.serve()
        active = [path for path in pathlib.Path(self.store.root).iterdir() if path.is_symlink()]
        generation = served.ask("GET", "/api/active")[2]["path"]
        moved = pathlib.Path(generation)
        moved.rename(moved.with_name("elsewhere"))
        self.assertTrue(active)
        status, _, readiness = served.ask("GET", "/readyz")
        self.assertEqual((status, readiness["ready"]), (503, False), readiness)
        self.assertEqual(served.ask("GET", "/healthz")[0], 200)
        moved.with_name("elsewhere").rename(moved)
        self.assertEqual(served.ask("GET", "/readyz")[0], 200)


if __name__ == "__main__":
    unittest.main()
