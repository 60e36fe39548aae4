// A bet's life: from an opportunity to its settlement, what limits refuse, and what is left alone.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { modes, open, setUp, startServer, until, withPage } from "./helpers.mjs";

const MINUTE = 60_000;

let server;
let storageState;
before(async () => {
  server = await startServer();
  storageState = await setUp(server);
});
after(() => server?.stop());

/** Opens an opportunity that can be acted on. */
async function openValue(page) {
  await until("a value opportunity", async () => {
    await open(page, "/opportunities?kind=value&verdict=executable");
    return page.getByRole("link", { name: "Why" }).count();
  }, MINUTE);
  await open(page, await page.getByRole("link", { name: "Why" }).first().getAttribute("href"));
}

for (const { name, javaScriptEnabled } of modes) {
  describe(`bets ${name}`, () => {
    test("an opportunity is logged on paper, settled by hand and taken back", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await openValue(page);
        await page.getByRole("link", { name: /^Log bet/ }).first().click();
        await page.waitForURL(/\/bets\/new\?opportunity=\d+/);
        assert.ok(Number(await page.getByLabel("Price", { exact: true }).inputValue()) > 1, "the price is there as offered");
        await page.getByLabel("Stake", { exact: true }).fill("2.00");
        await page.getByRole("button", { name: "Record on paper" }).click();
        await page.waitForURL(/\/bets\/\d+\?done=placed$/);
        const bet = new URL(page.url()).pathname;
        await page.locator("a[href^='/snapshots/']").first().waitFor();

        await page.getByLabel("Ended").selectOption("win");
        await page.getByRole("button", { name: "Settle", exact: true }).click();
        await page.waitForURL(/done=settled/);
        await open(page, "/bets?mode=paper&status=settled");
        const row = page.locator("table.cards tbody tr", { has: page.locator(`a[href='${bet}']`) });
        assert.match(await row.locator("td[data-label=Profit]").innerText(), /^\s*\+/);

        await open(page, bet);
        await page.getByText("Take the settlement back").click();
        await page.locator("#take-back-reason").fill("too early");
        await page.getByRole("button", { name: "Take back" }).click();
        await page.waitForURL(/done=taken_back/);
        await open(page, "/bets?mode=paper&status=open");
        await page.locator(`a[href='${bet}']`).first().waitFor();
      });
    });

    test("a bet beyond a limit is refused by its control, kept as typed, and stands among the decisions", async () => {
      const expect = [/status of 4\d\d/];
      await withPage(server, { javaScriptEnabled, storageState, expect }, async (page) => {
        await open(page, "/bets/new");
        await page.getByLabel("Event").fill("Ours – Theirs");
        await page.getByLabel("Price", { exact: true }).fill("2.5");
        await page.getByLabel("Stake", { exact: true }).fill("900");
        await page.getByRole("button", { name: "Record the bet" }).click();
        await page.getByText(/refused by .*One bet/).first().waitFor();
        assert.equal(await page.getByLabel("Stake", { exact: true }).inputValue(), "900");
        await open(page, "/bets/decisions");
        await page.locator("table.cards tbody tr", { hasText: "Ours – Theirs" }).first().waitFor();
      });
    });

    test("an opportunity is left alone with a reason", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await openValue(page);
        await page.getByText("Skip it").click();
        await page.getByLabel("Why, if you like").fill(`no account there ${name}`);
        await page.getByRole("button", { name: "Skip", exact: true }).click();
        await page.waitForURL(/\/bets\/decisions\?done=skipped/);
        await page.getByText(`no account there ${name}`).first().waitFor();
      });
    });
  });
}
