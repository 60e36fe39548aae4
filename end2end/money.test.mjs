// Where a bettor stands: the demo's year of bets drawn, told and opened down to its bets, and files of bets in and out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { axe, desktop, modes, open, phone, setUp, shoot, startServer, until, withPage } from "./helpers.mjs";

const MINUTE = 60_000;
const SEASON = `Date,Sportsbook,Event,Bet type,Selection,Odds,Stake,Result,Ref
2026-10-01,Harbour,Hawks - Bulls,moneyline,Hawks,1.95,10.00,won,A1
2026-10-02,Harbour,Hawks - Bears,moneyline,Bears,2.10,20.00,lost,A2
2026-10-04,Harbour,Bulls - Hawks,total,over 220.5,1.91,ten,won,A4
`;

describe("the demo's year", () => {
  let server;
  let storageState;
  before(async () => {
    server = await startServer({ env: { OVERROUND_DEMO_YEAR: "true" } });
    storageState = await setUp(server);
  });
  after(() => server?.stop());

  test("is drawn with values under the pointer, and every figure leads to its bets", async () => {
    await withPage(server, { storageState }, async (page) => {
      // It grows, the latest first, while other things are done.
      await until("a hundred bets", async () => {
        await open(page, "/performance?mode=paper");
        const words = await page.locator("main").innerText();
        return Number(words.match(/([\d\u202f]+) settled bets? /)?.[1].replace(/\D/g, "") ?? 0) >= 100;
      }, 4 * MINUTE);
      await axe(page);
      const chart = page.locator("figure.chart").first();
      await chart.scrollIntoViewIfNeeded();
      const shown = chart.locator(".shown-at");
      const last = await shown.innerText();
      const box = await chart.locator("svg.plot").boundingBox();
      await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
      await until("the time under the pointer", async () => (await shown.innerText()) !== last);
      assert.match(await chart.locator(".key-value").first().innerText(), /EUR/);

      const bets = await page.locator("a.tile", { hasText: "Profit" }).first().getAttribute("href");
      await open(page, bets);
      await page.locator("table.cards tbody tr").first().waitFor();
      const bet = await page.locator("table.cards tbody th a").first().getAttribute("href");
      await open(page, bet);
      await page.locator("a[href^='/snapshots/']").first().waitFor();
    });
  });

  for (const [size, options] of [["desktop", desktop], ["phone", phone]]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`the pages of money are readable on a ${size} in the ${colorScheme}`, async () => {
        await withPage(server, { ...options, colorScheme, storageState }, async (page) => {
          for (const path of ["/performance", "/bankroll", "/bankroll/ledger", "/bankroll/limits", "/bets?status=settled", "/bets/import"]) {
            await open(page, path);
            await axe(page);
            const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            assert.ok(beyond <= 0, `${path} is ${beyond} px too wide`);
            await shoot(page, `${path.slice(1).replace(/\W+/g, "-")}-${size}-${colorScheme}`);
          }
        });
      });
    }
  }
});

describe("files of bets", () => {
  let server;
  let storageState;
  before(async () => {
    server = await startServer();
    storageState = await setUp(server);
  });
  after(() => server?.stop());

  for (const { name, javaScriptEnabled } of modes) {
    test(`are looked at, imported, drawn, saved and undone ${name}`, async () => {
      await withPage(server, { javaScriptEnabled, storageState, acceptDownloads: true }, async (page) => {
        await open(page, "/bets/import");
        await page.getByLabel("File", { exact: true }).setInputFiles({ name: "season.csv", mimeType: "text/csv", buffer: Buffer.from(SEASON) });
        await page.getByRole("button", { name: "See what is in it" }).click();
        await page.getByRole("button", { name: "Import 2 bets" }).waitFor();
        await page.getByText("Stake “ten”").waitFor();
        await open(page, "/bets");
        assert.equal(await page.locator("table.cards tbody tr").count(), 0, "nothing is recorded before it is confirmed");

        await open(page, "/bets/import");
        await page.getByRole("button", { name: "Import 2 bets" }).click();
        await until("the import to end", async () => {
          await open(page, "/bets/import");
          return page.getByText("season.csv is imported").count();
        });
        await open(page, "/performance?mode=real");
        await page.getByText("2 settled bets lost 10.50 EUR").waitFor();
        await page.locator("figure.chart").first().waitFor();

        await open(page, "/bets?mode=real");
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "JSON" }).click()]);
        const saved = JSON.parse(readFileSync(await download.path(), "utf8"));
        assert.equal(saved.bets.length, 2);

        await open(page, "/bets/import");
        await page.getByRole("button", { name: "Undo" }).first().click();
        await page.waitForURL(/done=undone/);
        await open(page, "/bets?mode=real");
        assert.equal(await page.locator("table.cards tbody tr").count(), 0);
      });
    });
  }

  test("a bet is settled and stands in the chart", async () => {
    await withPage(server, { storageState }, async (page) => {
      await open(page, "/bets/new");
      await page.getByLabel("Event").fill("Ours – Theirs");
      await page.getByLabel("Price", { exact: true }).fill("2.5");
      await page.getByLabel("Stake", { exact: true }).fill("4.00");
      await page.getByRole("button", { name: "Record the bet" }).click();
      await page.waitForURL(/\/bets\/\d+\?done=placed$/);
      await page.getByLabel("Ended").selectOption("win");
      await page.getByRole("button", { name: "Settle", exact: true }).click();
      await page.waitForURL(/done=settled/);
      await open(page, "/performance?mode=paper");
      const value = page.locator("figure.chart .key-value").first();
      assert.match(await value.innerText(), /^6\.00 EUR$/);
    });
  });
});
