// From prices to an opportunity: the board, a game through time, the quotes behind it, stakes, and how prices are written.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { modes, open, setUp, startServer, until, withPage } from "./helpers.mjs";

/** What a newcomer may have to wait for. */
const MINUTE = 60_000;

let server;
let storageState;
let firstPageAt;
before(async () => {
  server = await startServer();
  storageState = await setUp(server);
  firstPageAt = Date.now();
});
after(() => server?.stop());

const remaining = () => Math.max(MINUTE - (Date.now() - firstPageAt), 1);
const number = (text) => Number(text.replace("\u2212", "-").replaceAll(/[^\d.-]/g, ""));

/** Leaves a trace in the page that a reload would wipe out. */
const mark = (page) => page.evaluate(() => void (globalThis.isSamePage = true));
const isSame = (page) => page.evaluate(() => globalThis.isSamePage === true);

/** The addresses of the pages of games that are live and that most bookmakers follow. */
async function liveGames(page) {
  await open(page, "/games?status=live&sort=moved");
  const rows = page.locator("table.board tbody tr", { has: page.locator("td[data-label=Books]", { hasText: /^\s*([5-9]|\d\d)\s*$/ }) });
  return rows.locator("th.game a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
}

/** The first of them. */
async function liveGame(page) {
  return until("a live game that several bookmakers follow", async () => (await liveGames(page))[0], MINUTE);
}

test("within a minute of the first page there are live games and an arbitrage, without a reload", async () => {
  await withPage(server, { storageState }, async (page) => {
    await open(page, "/");
    await mark(page);
    // Now, not in the past that the demo market was given: seen within the last minute.
    const fresh = (selector) => page.locator(selector).filter({ hasText: /^\s*\d+ s\s*$/ }).first();
    await fresh("tr:has(.badge.live) td[data-label=Age]").waitFor({ timeout: remaining() });
    await fresh("table.opportunities .leg-age").waitFor({ timeout: remaining() });
    assert.ok(await isSame(page));
  });
});

test("an open game moves by itself", async () => {
  await withPage(server, { storageState }, async (page) => {
    const lines = page.locator("#movement .plot .line");
    // A game that has only just begun, or is about to end, has fewer prices than bookmakers that follow it.
    await until("a live game whose chart has a line for each of several bookmakers", async () => {
      for (const game of await liveGames(page)) {
        await open(page, game);
        if ((await lines.count()) >= 3) return true;
      }
      return false;
    }, MINUTE);
    await mark(page);
    const drawn = () => lines.evaluateAll((paths) => paths.map((path) => path.getAttribute("d")).join());
    const rows = () => page.locator("#movement tbody tr").count();
    const [drawnAtFirst, rowsAtFirst] = [await drawn(), await rows()];
    await until("a new price in the chart and in its table", async () => (await rows()) > rowsAtFirst && (await drawn()) !== drawnAtFirst, MINUTE);
    await page.locator(".matrix .move").first().waitFor({ timeout: MINUTE });
    assert.ok(await isSame(page));
  });
});

for (const { name, javaScriptEnabled } of modes) {
  describe(`market ${name}`, () => {
    test("a game is found, seen as it was, and followed down to the answer it came from", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await open(page, "/games");
        const team = await page.locator("table.board .team").first().innerText();
        await page.getByLabel("Search").fill(team);
        if (javaScriptEnabled) await page.getByLabel("Search").press("Enter");
        else await page.getByRole("button", { name: "Show" }).click();
        await page.waitForURL(/\/games\?.*q=/);
        const found = page.locator("table.board th.game a", { hasText: team }).first();
        await found.waitFor();

        await open(page, await liveGame(page));
        const slider = page.locator("#as-of");
        const [min, max, step] = await Promise.all(["min", "max", "step"].map(async (name) => Number(await slider.getAttribute(name))));
        const then = min + Math.round((max - min) / 2 / step) * step;
        await slider.fill(String(then));
        if (!javaScriptEnabled) await page.getByRole("button", { name: "Show" }).click();
        await page.waitForURL(/as_of=/);
        await page.locator("form.as-of.past").waitFor();
        assert.notEqual(await page.locator("output[for=as-of]").innerText(), "now");
        assert.ok((await page.locator(".matrix td a.price").count()) > 0);
        const received = await page.locator("#movement tbody td[data-label=Received] time").evaluateAll((times) => times.map((time) => Date.parse(time.dateTime)));
        assert.ok(received.length > 0 && received.every((at) => at <= then), "nothing on the board was received later");
        await page.getByRole("link", { name: "Back to now" }).click();
        await page.locator("form.as-of:not(.past)").waitFor();

        await page.locator(".matrix td a.price").first().click();
        await page.waitForURL(/\/games\/\d+\/prices\?/);
        // A price that never moved is a flat line, which counts as invisible.
        await page.locator(".chart .line").first().waitFor({ state: "attached" });
        await page.locator("td[data-label=Snapshot] a").first().click();
        await page.waitForURL(/\/snapshots\/\d+$/);
        assert.ok((await page.locator("pre.raw").innerText()).length > 100);
      });
    });

    test("an arbitrage explains itself, and its stakes follow what is typed", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        // Backed in one market, each leg at another bookmaker: its profit follows from the prices alone. What an exchange charges on several
        // bets in a market does not.
        const isPlain = ({ trace: { legs } }) =>
          legs.every(({ leg }) => leg.side === "back" && JSON.stringify(leg.market) === JSON.stringify(legs[0].leg.market)) &&
          new Set(legs.map(({ leg }) => leg.bookmaker)).size === legs.length;
        const why = await until("an open arbitrage within one market", async () => {
          await open(page, "/opportunities?kind=arbitrage");
          for (const link of await page.getByRole("link", { name: "Why" }).all()) {
            const href = await link.getAttribute("href");
            if (isPlain(await (await page.request.get(`/api/v1${href}/trace`)).json())) return href;
          }
        }, MINUTE);
        await open(page, why);

        const json = await page.getByRole("link", { name: "JSON" }).getAttribute("href");
        await until("the page and its JSON telling the same profit", async () => {
          const { trace, recomputed_profit } = await (await page.request.get(json)).json();
          const net = trace.legs.map(({ leg }) => 1 + (Number(leg.price) - 1) * (1 - leg.commission_bp / 10_000));
          const profit = 1 / net.reduce((sum, price) => sum + 1 / price, 0) - 1;
          assert.ok(Math.abs(profit - trace.profit) < 1e-9, `${profit} is ${trace.profit}`);
          assert.ok(Math.abs(recomputed_profit - trace.profit) < 1e-9);
          if (!javaScriptEnabled) await open(page, why);
          return Math.abs(number(await page.locator(".big").innerText()) / 100 - profit) < 1e-6;
        });

        const calculator = page.locator("form.calculator");
        const reckon = async () => javaScriptEnabled || (await calculator.getByRole("button", { name: "Reckon" }).click());
        const fact = async (name) => number(await calculator.locator(".fact", { hasText: name }).locator("dd").innerText());
        const stakes = () => calculator.locator("td[data-label=Stake] input").evaluateAll((inputs) => inputs.map((input) => Number(input.value)));
        const before = await stakes();
        assert.ok(before.length >= 2);
        await calculator.getByLabel("Total stake").fill("5000");
        await reckon();
        await until("stakes of the new total", async () => Math.abs((await fact("Staked")) - 5000) < 50);
        const after = await stakes();
        assert.ok(after.every((stake, leg) => stake > before[leg]));
        assert.equal(after.reduce((sum, stake) => sum + stake, 0), await fact("Staked"));
        const returns = (await calculator.locator("td[data-label=Profit]").allInnerTexts()).map(number);
        assert.equal(Math.min(...returns), await fact("Certain profit"));

        if (javaScriptEnabled) {
          const [, ...others] = await stakes();
          await calculator.getByLabel(/^Stake on/).first().fill("3000");
          await until("the other stakes following the one typed", async () => (await stakes()).every((stake, leg) => (leg === 0 ? stake === 3000 : stake !== others[leg - 1])));
          await calculator.getByLabel("Total stake").fill("5000");
        }

        await calculator.getByLabel("Round to").fill("50");
        await reckon();
        await until("rounded stakes", async () => (await stakes()).every((stake) => stake % 50 === 0));

        const price = calculator.getByLabel(/^Price of/).first();
        await price.fill("1.01");
        await reckon();
        await until("a loss at a price of 1.01", async () => (await fact("Certain profit")) < 0);

        await calculator.getByLabel("Total stake").fill("a lot");
        await reckon();
        await calculator.locator(".problem", { hasText: "Total stake" }).waitFor();
      });
    });

    test("prices, times and colours follow the reader on every page", async () => {
      const expect = [/status of 422/];
      await withPage(server, { javaScriptEnabled, storageState, expect }, async (page) => {
        // The best price of an outcome says so before the number.
        const price = async () => (await page.locator("a.price").first().innerText()).replace(/^best\s+/, "");
        const choose = async (format) => {
          await page.getByLabel("Odds format").first().selectOption({ label: format });
          if (!javaScriptEnabled) await page.locator("form.format").getByRole("button", { name: "Set" }).click();
        };
        await open(page, "/games");
        if (javaScriptEnabled) await mark(page);
        for (const [format, written] of [["American", /^[+\u2212]\d{3,}$/], ["Fractional", /^\d+\/\d+$/], ["Implied probability", /^[\d.]+\s?%$/]]) {
          await choose(format);
          await until(`${format} prices`, async () => written.test(await price()));
        }
        if (javaScriptEnabled) assert.ok(await isSame(page));
        await open(page, await liveGame(page));
        assert.match(await price(), /%/);
        await choose("Decimal");
        await until("decimal prices", async () => /^\d+\.\d+$/.test(await price()));

        await open(page, "/settings");
        const save = async (zone, theme) => {
          await page.getByLabel("Time zone").fill(zone);
          await page.getByLabel("Theme").selectOption({ label: theme });
          await page.getByRole("button", { name: "Save" }).click();
        };
        await save("Mars/Olympus", "Light");
        await page.locator("#note-time_zone.wrong").waitFor();
        await save("Asia/Tokyo", "Dark");
        await page.getByText("Saved.").waitFor();
        await page.locator("[data-theme=dark]").waitFor();
        await page.locator(".foot", { hasText: "Times in Asia/Tokyo" }).waitFor();
        await open(page, "/games");
        await page.locator("[data-theme=dark]").waitFor();
        assert.match(await page.locator("time[title]").first().getAttribute("title"), /JST/);
        await open(page, "/settings");
        await save("UTC", "As the device");
        await page.locator(".foot", { hasText: "Times in UTC" }).waitFor();
        await page.locator("[data-theme]").waitFor({ state: "detached" });
      });
    });
  });
}
