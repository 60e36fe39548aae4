// From the first visit to a second factor: who gets in, and who does not.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fillSetUp, fillSignIn, modes, open, owner, ready, startServer, totp, withPage } from "./helpers.mjs";

const signOut = async (page) => {
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForURL("**/login");
};

/** What stands under a field. */
const note = (page, field) => page.locator(`#note-${field}`);

for (const { name, javaScriptEnabled } of modes) {
  describe(`access ${name}`, () => {
    let server;
    let signedIn;
    before(async () => (server = await startServer({ args: ["--demo", "false"] })));
    after(() => server?.stop());

    test("the first visit makes the owner, who signs out and in again", async () => {
      const expect = [/status of 422/];
      await withPage(server, { javaScriptEnabled, expect }, async (page) => {
        await page.goto("/games");
        await page.waitForURL("**/setup");
        await fillSetUp(page, { ...owner, again: "something else altogether" });
        await note(page, "password_again").filter({ hasText: "not the same" }).waitFor();
        await fillSetUp(page);
        await page.waitForURL(`${server.url}/`);
        await ready(page);
        assert.equal(await page.locator("h1").innerText(), "Today");

        await signOut(page);
        await page.goto("/settings");
        await page.waitForURL(/\/login\?next=/);
        await fillSignIn(page, { ...owner, password: "not the right one" });
        await page.getByRole("alert").filter({ hasText: "do not fit together" }).waitFor();
        await fillSignIn(page);
        await page.waitForURL("**/settings");
        await ready(page);

        // There is one first visit.
        await page.goto("/setup");
        await page.waitForURL(`${server.url}/`);
        signedIn = await page.context().storageState();
      });
    });

    test("a second factor is asked for once it is on, and a recovery code stands in for it", async () => {
      const expect = [/status of 422/];
      await withPage(server, { javaScriptEnabled, expect, storageState: signedIn }, async (page) => {
        await open(page, "/settings/two-factor");
        await page.getByLabel("Your password").fill("not the right one");
        await page.getByRole("button", { name: "Turn it on" }).click();
        await note(page, "password").filter({ hasText: "not your password" }).waitFor();
        await page.getByLabel("Your password").fill(owner.password);
        await page.getByRole("button", { name: "Turn it on" }).click();
        const secret = await page.locator(".steps .secret").innerText();
        assert.ok(await page.locator(".qr svg").isVisible());
        await page.getByLabel("Code", { exact: true }).fill("000000");
        await page.getByRole("button", { name: "Turn it on" }).click();
        await note(page, "code").filter({ hasText: "wrong" }).waitFor();
        await page.getByLabel("Code", { exact: true }).fill(totp(secret));
        await page.getByRole("button", { name: "Turn it on" }).click();
        await page.getByText("Keep these recovery codes.").waitFor();
        const codes = await page.locator(".codes code").allInnerTexts();
        assert.equal(new Set(codes).size, 10);

        await open(page, "/settings/two-factor");
        assert.equal(await page.locator(".codes").count(), 0, "recovery codes are shown once");
        await page.getByText("10 recovery codes are left").waitFor();

        const withCode = async (code) => {
          await fillSignIn(page);
          await page.getByLabel("Code", { exact: true }).fill(code);
          await page.getByRole("button", { name: "Sign in" }).click();
        };
        await signOut(page);
        // The code that turned it on is used up; authenticators a little ahead are believed.
        await withCode(totp(secret, Date.now() + 30_000));
        await page.waitForURL(`${server.url}/`);
        await ready(page);

        await signOut(page);
        await withCode(codes[0]);
        await page.waitForURL(`${server.url}/`);
        await ready(page);

        await signOut(page);
        await withCode(codes[0]);
        await note(page, "code").filter({ hasText: "used already" }).waitFor();
        await page.getByLabel("Code", { exact: true }).fill(codes[1]);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.waitForURL(`${server.url}/`);
        await ready(page);
      });
    });
  });
}
