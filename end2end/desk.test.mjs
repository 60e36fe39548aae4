// Keeping the desk: API keys, sessions, feeds, health, issues, and the people who are let in.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fillSignIn, modes, open, ready, setUp, startServer, until, withPage } from "./helpers.mjs";

let server;
let storageState;
before(async () => {
  server = await startServer();
  storageState = await setUp(server);
});
after(() => server?.stop());

for (const { name, javaScriptEnabled } of modes) {
  describe(`desk ${name}`, () => {
    test("an API key is shown once, opens the API, and is revoked", async () => {
      const expect = [/status of 422/];
      await withPage(server, { javaScriptEnabled, storageState, expect }, async (page) => {
        await open(page, "/settings/api-keys");
        const make = async (days) => {
          await page.getByLabel("What it is for").fill(`sheet ${name}`);
          await page.getByLabel("Ends after, days").fill(days);
          await page.getByRole("button", { name: "Make a key" }).click();
        };
        await make("tomorrow");
        await page.locator("#note-expires_in_days.wrong").waitFor();
        await make("30");
        const key = await page.locator("#new-key").innerText();
        const ask = (method = "GET") => fetch(`${server.url}/api/v1/games`, { method, headers: { authorization: `Bearer ${key}` } });
        const { games } = await (await ask()).json();
        assert.ok(games.length > 0);
        assert.equal((await fetch(`${server.url}/api/v1/games`)).status, 401);

        await open(page, "/settings/api-keys");
        assert.equal(await page.locator("#new-key").count(), 0, "a key is shown once");
        await page.getByRole("button", { name: `Revoke sheet ${name}`, exact: true }).click();
        await page.getByText("Revoked. Requests with that key are refused").waitFor();
        assert.equal((await ask()).status, 401);
      });
    });

    test("a session elsewhere is seen and ended", async () => {
      await withPage(server, { userAgent: "Mozilla/5.0 (Elsewhere) Firefox/140.0" }, async (elsewhere) => {
        await elsewhere.goto("/login");
        await fillSignIn(elsewhere);
        await ready(elsewhere);
        await elsewhere.goto("/api/docs");
        await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
          await open(page, "/settings/sessions");
          assert.equal(await page.getByText("this one").count(), 1);
          await page.getByRole("row", { name: /Firefox|Elsewhere/ }).getByRole("button", { name: /Sign out/ }).first().click();
          await page.getByText("Signed out there.").waitFor();
          await elsewhere.goto("/games");
          await elsewhere.waitForURL(/\/login\?next=/);
        });
      });
    });

    test("health tells of feeds, jobs and the database, and issues of what could not be used", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await open(page, "/health");
        const demo = page.locator("article.card", { has: page.locator(".badge.demo") });
        await until("answers of the demo feed", async () => {
          if (!javaScriptEnabled) await open(page, "/health");
          return /[1-9]\d* success/.test(await demo.innerText());
        });
        for (const table of ["Queues", "Schedule"]) {
          assert.ok((await page.getByRole("table", { name: table }).locator("tbody tr").count()) > 0, table);
        }
        assert.match(await page.locator(".card", { hasText: "Database" }).last().innerText(), /SQLite/i);
        await page.locator(".heading").getByRole("link", { name: "Issues" }).click();
        await page.waitForURL("**/issues");
        const finding = page.getByRole("table", { name: "Data-quality findings" }).locator("tbody tr").first();
        await finding.waitFor();
        await page.getByLabel("Severity").selectOption({ label: "Errors" });
        if (!javaScriptEnabled) await page.getByRole("button", { name: "Show" }).click();
        await page.waitForURL(/severity=error/);
        const severities = page.getByRole("table", { name: "Data-quality findings" }).locator("td[data-label=Severity]");
        await until("errors alone", async () => (await severities.allInnerTexts()).every((severity) => /error/i.test(severity)));
      });
    });

    test("the owner keeps a feed's key, which is never shown again", async () => {
      const expect = [/status of 422/];
      await withPage(server, { javaScriptEnabled, storageState, expect }, async (page) => {
        await open(page, "/settings/feeds");
        const feed = page.locator("section.card", { hasText: "The Odds API" });
        const key = `0123456789abcdef-${javaScriptEnabled}`;
        await feed.getByLabel("Key", { exact: true }).fill(key);
        await feed.getByRole("button", { name: "Save", exact: true }).click();
        await feed.getByText("Kept, sealed").waitFor();
        assert.ok(!(await page.content()).includes(key));
        await feed.getByLabel("Remove the key").check();
        await feed.getByRole("button", { name: "Save", exact: true }).click();
        await feed.getByText("None yet").waitFor();

        const demo = page.locator("section.card", { has: page.locator(".badge.demo") });
        const every = demo.getByLabel(/^Seconds between odds of/).first();
        const before = await every.inputValue();
        await every.fill("often");
        await demo.getByRole("button", { name: "Save competitions" }).click();
        await page.getByRole("alert").filter({ hasText: "whole number" }).waitFor();
        await open(page, "/settings/feeds");
        assert.equal(await every.inputValue(), before);
      });
    });

    test("who is invited gets in, and no further than invited to", async () => {
      const email = `member-${javaScriptEnabled}@example.org`;
      const link = await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await open(page, "/settings/users");
        await page.getByLabel("E-mail").fill(email);
        await page.getByLabel("As", { exact: true }).selectOption("member");
        await page.getByRole("button", { name: "Make an invitation" }).click();
        const link = await page.locator(".once .secret").innerText();
        await open(page, "/settings/users");
        assert.equal(await page.locator(".once").count(), 0, "an invitation is shown once");
        return link;
      });
      await withPage(server, { javaScriptEnabled, expect: [/status of (403|404|422)/] }, async (page) => {
        await page.goto(link);
        const accept = async (password) => {
          await page.getByLabel("Password", { exact: true }).fill(password);
          await page.getByLabel("Password again").fill(password);
          await page.getByRole("button", { name: "Make my account" }).click();
        };
        await accept("short");
        await page.locator("#note-password.wrong").waitFor();
        await accept("words that nobody else has");
        await page.waitForURL(`${server.url}/`);
        await ready(page);
        await open(page, "/settings");
        assert.equal(await page.getByRole("link", { name: "Users" }).count(), 0);
        const refused = await page.goto("/settings/users");
        assert.equal(refused.status(), 403);
        await page.getByText("Your account may not do this.").waitFor();
        await page.goto(link);
        await page.getByText("There is nothing here.").waitFor();
      });
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await open(page, "/settings/users");
        await page.getByRole("rowheader", { name: email }).waitFor();
      });
    });
  });
}
