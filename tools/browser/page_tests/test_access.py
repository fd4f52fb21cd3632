"""Who sees the page, who may use it, and what it shows where something is wrong."""

import unittest

from .browser import Kitchen, PageTest, following


class Access(PageTest):
    def setUp(self):
        super().setUp()
        Kitchen(self.store)

    def test_without_tokens_one_may_look(self):
        self.expect(403)
        self.serve()
        page = self.browse()
        page.goto("/")
        self.assertIn("change nothing", page.locator(".banner").inner_text())
        self.assertEqual(page.locator("form[action^='/actions/']").count(), 0)
        self.shoot(page, "10-without-tokens")
        page.goto("/tokens")
        page.get_by_role("heading", name="Forbidden").wait_for()

    def test_sign_in_leads_to_where_one_wanted_to_go(self):
        self.expect(401)
        token = self.store.token("anna", "read")
        self.serve()
        page = self.browse()
        page.goto("/history?adapter=robot_001")
        self.assertTrue(page.url.endswith("/login?next=%2Fhistory%3Fadapter%3Drobot_001"), page.url)
        self.assert_accessible(page, "signing in")
        self.shoot(page, "11-sign-in")
        page.get_by_label("Token").fill("mctl_wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        self.shoot(page, "12-wrong-token")
        page.get_by_label("Token").fill(token)
        with following(page, "**/history?adapter=robot_001"):
            page.get_by_role("button", name="Sign in").click()
        self.assertIn("may look, and change nothing", page.locator(".banner").inner_text())
        self.assertEqual(page.locator("form[action^='/actions/']").count(), 0)
        cookie = page.context.cookies()[0]
        self.assertTrue(cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie)
        with following(page, "**/login"):
            page.get_by_role("button", name="Sign out").click()
        page.goto("/")
        self.assertIn("/login", page.url)

    def test_a_revoked_token_ends_its_session(self):
        token = self.store.token("anna", "operate")
        self.store.token("other", "read")
        self.serve()
        page = self.browse(token=token)
        self.store.ctl("token", "revoke", "anna")
        page.goto("/versions")
        self.assertIn("/login", page.url)

    def test_a_page_of_another_site_reaches_nothing(self):
        token = self.store.token("anna", "operate")
        self.serve()
        page = self.browse(token=token)
        port = self.url.rsplit(":", 1)[1]
        context = page.context
        # Another name for the same address is another site to a browser, and none that the service knows.
        context.route("http://evil.example/", lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<form method="post" action="http://127.0.0.1:{port}/actions/rollback"><button>Win</button></form>"""))
        evil = context.new_page()
        evil.goto("http://evil.example/")
        evil.get_by_role("button", name="Win").click()
        evil.wait_for_url(f"http://127.0.0.1:{port}/**")
        self.assertIn("may not use this service", evil.locator("body").inner_text())
        self.assertEqual(self.store.json("active")["generation"], 2)

    def test_what_isnt_there_is_a_page(self):
        self.expect(400, 404)
        token = self.store.token("anna", "admin")
        self.serve()
        page = self.browse(token=token)
        for path in ("/versions/robot_001_v9", "/nothing/here", "/operations/op_0", "/lineage?subject=nobody", "/training/job_000000000000"):
            answer = page.goto(path)
            self.assertEqual(answer.status, 404, path)
            self.assertIn("text/html", answer.headers["content-type"])
            self.assertEqual(page.get_by_role("heading", level=1).count(), 1)
        self.shoot(page, "13-not-found")
        self.assert_accessible(page, "a problem")
        answer = page.goto("/versions/..%2F..%2Fetc")
        self.assertEqual(answer.status, 400)

    def test_an_admin_makes_a_token_and_takes_it_back(self):
        token = self.store.token("anna", "admin")
        self.serve()
        page = self.browse(token=token)
        page.goto("/tokens")
        page.get_by_label("Name").fill("ben")
        page.get_by_label("operate").check()
        page.get_by_label("Good for").fill("90d")
        page.get_by_role("button", name="Make it").click()
        secret = page.locator(".secret").inner_text().strip()
        self.assertTrue(secret.startswith("mctl_"))
        self.shoot(page, "14-new-token")
        self.assert_accessible(page, "a new token")
        self.browse(token=secret).get_by_role("heading", name="Running now").wait_for()
        page.get_by_role("link", name="I have kept it").click()
        self.shoot(page, "15-tokens")
        with following(page, "**/tokens?done=revoked"):
            page.get_by_role("button", name="Revoke ben").click()
        self.assertIn("revoked", page.get_by_role("row").filter(has_text="ben").inner_text())


if __name__ == "__main__":
    unittest.main()
