// Every page on a desk and on a phone, light and dark: nothing that axe finds, nothing that hangs over the edge, and a picture.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axe, desktop, open, phone, setUp, shoot, startServer, until, withPage } from "./helpers.mjs";

const MINUTE = 60_000;

let server;
let storageState;
let invitation;
let paths;
before(async () => {
  server = await startServer();
  // The first page is looked at before there is anybody.
  for (const look of looks) {
    await withPage(server, look.options, async (page) => {
      await page.goto("/setup");
      await looked(page, "setup", look);
    });
  }
  storageState = await setUp(server);
  invitation = await withPage(server, { storageState }, async (page) => {
    await open(page, "/settings/users");
    await page.getByLabel("E-mail").fill("guest@example.org");
    await page.getByRole("button", { name: "Make an invitation" }).click();
    return new URL(await page.locator(".once .secret").innerText()).pathname;
  });
  paths = await withPage(server, { storageState, javaScriptEnabled: false }, async (page) => {
    const api = async (path) => (await page.request.get(`/api/v1/${path}`)).json();
    const first = (kind) => until(`an open ${kind}`, async () => (await api(`opportunities?kind=${kind}`)).opportunities[0], MINUTE);
    const [found, value, middle] = [await first("arbitrage"), await first("value"), await first("middle")];
    const { strategies } = await api("strategies");
    await open(page, "/games?status=live&sort=moved");
    const game = await page.locator("table.board th.game a").first().getAttribute("href");
    await open(page, game);
    const prices = await page.locator(".matrix td a.price").first().getAttribute("href");
    // Three prices side by side are wider than a phone.
    await open(page, "/games?sport=football");
    const football = await page.locator("table.board th.game a").first().getAttribute("href");
    await open(page, game);
    const snapshot = await page.locator("#movement tbody td[data-label=Snapshot] a").first().getAttribute("href");
    return {
      today: "/",
      games: "/games",
      "games-none": "/games?q=nobody-plays-under-this-name",
      game,
      football,
      "game-as-of": `${game}?as_of=${Date.now() - 600_000}`,
      prices,
      snapshot,
      opportunities: "/opportunities",
      "opportunities-closed": "/opportunities?state=closed",
      opportunity: `/opportunities/${found.id}`,
      values: "/opportunities?kind=value",
      value: `/opportunities/${value.id}`,
      middle: `/opportunities/${middle.id}`,
      middles: "/opportunities?kind=middle",
      promotions: "/opportunities?kind=promotion",
      holds: "/holds",
      strategies: "/strategies",
      strategy: `/strategies/${strategies.find(({ kind }) => kind === "value").id}`,
      "strategy-new": "/strategies/new?kind=promotion",
      "strategies-yaml": "/strategies/yaml",
      calculators: "/calculators",
      "calculators-devig": "/calculators/devig",
      "calculators-kelly": "/calculators/kelly?prices=2.10+2.05&wins=55",
      "calculators-parlay-wrong": "/calculators/parlay?price_1=0.9",
      "calculators-middle": "/calculators/middle",
      health: "/health",
      issues: "/issues",
      "settings-profile": "/settings",
      "settings-bookmakers": "/settings/bookmakers",
      "settings-feeds": "/settings/feeds",
      "settings-two-factor": "/settings/two-factor",
      "settings-sessions": "/settings/sessions",
      "settings-api-keys": "/settings/api-keys",
      "settings-users": "/settings/users",
    };
  });
});
after(() => server?.stop());

const looks = [
  { name: "desktop-light", options: { ...desktop, colorScheme: "light" } },
  { name: "desktop-dark", options: { ...desktop, colorScheme: "dark" } },
  { name: "phone-light", options: { ...phone, colorScheme: "light" } },
  { name: "phone-dark", options: { ...phone, colorScheme: "dark" } },
];

/** Checks what can be seen at once, and keeps the picture. */
async function looked(page, name, look) {
  await shoot(page, `${name}-${look.name}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(over, 0, `${name} on ${look.name} hangs over the edge`);
  await axe(page);
}

for (const look of looks) {
  describe(look.name, () => {
    test("pages behind the sign-in", async (t) => {
      await withPage(server, { ...look.options, storageState }, async (page) => {
        for (const [name, path] of Object.entries(paths)) {
          await t.test(name, async () => {
            await open(page, path);
            await looked(page, name, look);
          });
        }
        await t.test("keys", async () => {
          await page.keyboard.press("?");
          await page.getByRole("dialog").waitFor();
          await looked(page, "keys", look);
        });
      });
    });

    test("pages at the door", async () => {
      await withPage(server, { ...look.options, expect: [/status of 404/] }, async (page) => {
        for (const [name, path] of [["login", "/login"], ["invite", invitation], ["invite-spent", "/invite/spent"]]) {
          await page.goto(path);
          await page.locator("h1").waitFor();
          await looked(page, name, look);
        }
      });
    });

    test("a page that is not there, and the API's reader", async () => {
      await withPage(server, { ...look.options, storageState, expect: [/status of 404/] }, async (page) => {
        for (const [name, path] of [["nowhere", "/no/such/page"], ["api", "/api/docs"]]) {
          await page.goto(path);
          await page.locator("h1").first().waitFor();
          await looked(page, name, look);
        }
      });
    });
  });
}
