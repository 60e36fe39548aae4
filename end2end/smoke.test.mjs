import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer, withPage } from "./helpers.mjs";

test("a fresh server lives, shows a page, and ends in peace when asked to", async () => {
  const server = await startServer();
  const alive = await fetch(`${server.url}/livez`);
  assert.equal(alive.status, 200);
  for (const javaScriptEnabled of [true, false]) {
    await withPage(server, { javaScriptEnabled }, async (page) => {
      await page.goto("/");
      assert.ok(await page.locator("h1").first().isVisible());
    });
  }
  assert.equal(await server.stop(), 0);
});
