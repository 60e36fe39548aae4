// The calculators: they answer what is typed, offline too, and a form sent without scripts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { modes, open, setUp, startServer, until, withPage } from "./helpers.mjs";

let server;
let storageState;
before(async () => {
  server = await startServer();
  storageState = await setUp(server);
});
after(() => server?.stop());

const answers = (page, text) => page.locator(".reckoned .facts", { hasText: text }).waitFor();

for (const { name, javaScriptEnabled } of modes) {
  describe(`calculators ${name}`, () => {
    test("every calculator is a tab away, answers what is typed, and says what is wrong beside the field", async () => {
      await withPage(server, { javaScriptEnabled, storageState }, async (page) => {
        const reckon = async () => javaScriptEnabled || (await page.getByRole("button", { name: "Reckon" }).click());
        await open(page, "/calculators");
        for (const tab of ["Converter", "Devig", "Arbitrage", "Kelly", "Parlay", "Middle", "Free bet", "Hedge", "Each-way"]) {
          await page.locator(".tabs").getByRole("link", { name: tab, exact: true }).click();
          await page.locator(".reckoner h2", { hasText: tab }).waitFor();
          await page.locator(".reckoned table").first().waitFor();
        }
        await page.locator(".tabs").getByRole("link", { name: "Free bet" }).click();
        await page.waitForURL(/\/calculators\/free-bet$/);
        await answers(page, "+80.00");
        await page.getByLabel("Hedge", { exact: true }).selectOption("lay");
        await page.getByLabel("Price of the hedge").fill("5.20");
        await page.getByLabel(/^Commission/).fill("2");
        await reckon();
        await answers(page, "+75.68");
        await answers(page, "77.22");
        await page.getByLabel("Free bet", { exact: true }).fill("a lot");
        await reckon();
        await page.locator("[id^=note-stake-].wrong", { hasText: "An amount is digits" }).waitFor();
        assert.equal(await page.locator("[aria-invalid=true]").count(), 1);
      });
    });
  });
}

test("once loaded they need no network, and keep what was typed", async () => {
  const expect = [/ERR_INTERNET_DISCONNECTED/, /Failed to load resource/];
  await withPage(server, { storageState, expect }, async (page) => {
    await open(page, "/calculators");
    await page.context().setOffline(true);
    await page.locator(".tabs").getByRole("link", { name: "Hedge" }).click();
    await page.getByLabel("Stake of your bet").fill("200");
    await answers(page, "+10.00");
    await page.locator(".tabs").getByRole("link", { name: "Devig" }).click();
    await page.locator(".reckoned", { hasText: "50.4854%" }).waitFor();
    await page.locator(".tabs").getByRole("link", { name: "Hedge" }).click();
    assert.equal(await page.getByLabel("Stake of your bet").inputValue(), "200");
    await page.context().setOffline(false);
    await page.getByLabel("Odds format").selectOption({ label: "American" });
    await until("prices in the other format", async () => (await page.getByLabel("Its price").inputValue()) === "+110");
    assert.equal(await page.getByLabel("Stake of your bet").inputValue(), "200");
  });
});
