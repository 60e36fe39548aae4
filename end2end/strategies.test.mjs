// What is looked for, by whoever owns it: filters, the way from an opportunity to its quotes, a strategy of one's own.
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

const rows = (page) => page.locator("table.opportunities tbody tr");
const percent = (text) => Number(text.replace("\u2212", "-").replaceAll(/[^\d.-]/g, ""));

for (const { name, javaScriptEnabled } of modes) {
  describe(`strategies ${name}`, () => {
    test("opportunities are filtered by the address, and one opens down to the answer it came from", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        await until("values on the board", async () => {
          await open(page, "/opportunities?kind=value");
          return (await rows(page).count()) > 1;
        }, MINUTE);
        const edges = async () => (await page.locator("table.opportunities a.profit").allInnerTexts()).map(percent);
        const least = Math.max(...(await edges())) - 0.01;
        await page.getByLabel(/^Least/).fill(String(least.toFixed(2)));
        if (javaScriptEnabled) await page.getByLabel(/^Least/).press("Enter");
        else await page.getByRole("button", { name: "Show" }).click();
        await page.waitForURL(/kind=value.*min_profit=/);
        await until("only what passes", async () => (await edges()).every((edge) => edge >= least - 0.006));
        await page.getByRole("link", { name: "Clear" }).click();
        await page.waitForURL(/kind=value$/);

        await page.getByRole("link", { name: "Why" }).first().click();
        await page.waitForURL(/\/opportunities\/\d+$/);
        await page.locator("h2", { hasText: "Fair line" }).waitFor();
        await page.locator("section", { has: page.locator("h2", { hasText: "Fair line" }) }).locator("td a").first().click();
        await page.waitForURL(/\/snapshots\/\d+$/);
        assert.ok((await page.locator("pre.raw").innerText()).length > 100);
      });
    });

    test("a value strategy is made, finds something, is tuned, refused what can't be, switched off and removed", async () => {
      const expect = [/status of 422/];
      await withPage(server, { javaScriptEnabled, storageState, expect }, async (page) => {
        await open(page, "/strategies");
        await page.getByRole("link", { name: "New strategy" }).click();
        await page.locator(".tabs").getByRole("link", { name: "Value" }).click();
        await page.waitForURL(/kind=value/);
        const own = `Mine ${name}`;
        await page.getByLabel("Name").fill(own);
        await page.getByLabel("Least edge, %").fill("500");
        await page.getByRole("button", { name: "Save" }).click();
        await page.locator(".note.wrong", { hasText: "from 0 to 100" }).waitFor();
        await page.getByLabel("Name").fill(own);
        await page.getByLabel("Least edge, %").fill("0.5");
        await page.getByRole("button", { name: "Save" }).click();
        await page.waitForURL(/\/strategies\/\d+\?done=saved$/);
        const address = new URL(page.url()).pathname;

        const found = page.locator(".fact", { hasText: "Open" }).getByRole("link");
        await until("its first opportunity", async () => {
          await open(page, address);
          return Number(await found.first().innerText()) > 0;
        }, MINUTE);
        await found.first().click();
        await page.waitForURL(/kind=value&strategy=\d+/);
        await rows(page).first().waitFor();
        await page.locator("table.opportunities td[data-label=Found] a", { hasText: own }).first().waitFor();

        await open(page, address);
        await page.getByLabel("Least edge, %").fill("0.75");
        await page.getByRole("button", { name: "Save" }).click();
        await page.locator("td", { hasText: "Least edge: 0.5 % → 0.75 %" }).waitFor();
        await page.getByRole("button", { name: "Switch off" }).first().click();
        await page.waitForURL(/done=switched/);
        const row = page.locator("tr", { hasText: own });
        await row.getByRole("button", { name: /Switch on/ }).waitFor();
        await until("nothing open any more", async () => {
          await open(page, "/strategies");
          return (await row.locator("td[data-label=Open]").innerText()) === "0";
        }, MINUTE);
        await row.getByRole("link", { name: own }).click();
        await page.getByRole("button", { name: "Remove" }).click();
        await page.getByRole("button", { name: "Undo" }).click();
        await page.locator("tr", { hasText: own }).waitFor();
      });
    });
  });
}
