// What every journey needs: the built program on a port and folder of its own, a browser page that reports every fault it
// sees, an accessibility check, and pictures.
//
//   const server = await startServer();
//   await withPage(server, { ...phone, colorScheme: "dark" }, async (page) => {
//     await page.goto("/login");
//     await axe(page);
//     await shoot(page, "login-phone-dark");
//   });
//   await server.stop();
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export { totp } from "./totp.mjs";

/** The two sizes that pages are looked at in. */
export const desktop = { viewport: { width: 1440, height: 900 } };
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const WAIT_MS = 15_000;

const artifacts = fileURLToPath(new URL("../artifacts/", import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run these tests with: make test SUITES=browser`);
  return value;
}

/** A port that was free a moment ago. */
export async function freePort() {
  const listener = createServer();
  await new Promise((resolve, reject) => listener.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

const running = new Set();
const scriptless = new WeakSet();
let launched;

/** One browser a test file; every page gets a context of its own in it. */
function browser() {
  launched ??= chromium.launch({
    executablePath: needed("OVERROUND_CHROMIUM"),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return launched;
}

// A test that failed half-way leaves neither a server nor a browser behind.
after(async () => {
  await Promise.all([...running].map((server) => server.kill()));
  await launched?.then((open) => open.close(), () => {});
});

/** Runs the program to its end, for instance `command(["migrate", "--data-dir", dir])`. */
export async function command(args, { env = {}, input = "" } = {}) {
  const child = spawn(needed("OVERROUND_BIN"), args, { env: { ...process.env, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return { code, stdout, stderr };
}

/**
 * Starts the program with an empty data folder on a free loopback port and waits until it is ready.
 *
 * Gives `url`, `port`, `dataDir`, `output()` (all it printed), `setupCode()` (the one-time code, once printed),
 * `stop()` (asks it to end and gives its exit code) and `kill()`. A `dataDir` handed in is kept.
 */
export async function startServer({ args = [], env = {}, dataDir } = {}) {
  const binary = needed("OVERROUND_BIN");
  const own = dataDir === undefined;
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), "overround-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // A year of made-up bets would stand between the bets of a journey; the one about it switches it on.
  const site = { OVERROUND_DEMO_YEAR: "false", LEPTOS_OUTPUT_NAME: "overround", LEPTOS_SITE_ROOT: join(dirname(binary), "site"), LEPTOS_HASH_FILES: "true" };
  const child = spawn(binary, ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", folder, ...args], {
    env: { ...site, ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });

  let printed = "";
  child.stdout.on("data", (data) => (printed += data));
  child.stderr.on("data", (data) => (printed += data));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code ?? signal));
  });

  const end = async (signal) => {
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    const code = await ended;
    clearTimeout(late);
    running.delete(server);
    if (own) rmSync(folder, { recursive: true, force: true });
    return code;
  };
  const server = {
    url,
    port,
    dataDir: folder,
    output: () => printed,
    setupCode: () => printed.match(/set-?up code\W+([A-Za-z0-9][A-Za-z0-9-]{5,})/i)?.[1],
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
  running.add(server);

  let over;
  ended.then((code) => (over = code));
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (over !== undefined) throw new Error(`the server ended with ${over} before it was ready:\n${printed}`);
    const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) return server;
    if (Date.now() > deadline) {
      await server.kill();
      throw new Error(`the server was not ready within ${READY_WITHIN_MS / 1000} s:\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Opens a page in a fresh context, hands it to `visit`, and fails if the page met a fault that no one expected: an error in
 * the console, an uncaught exception, an answer of 500 or more, or a request to anywhere but the server.
 *
 * - `javaScriptEnabled: false` is a browser without WASM.
 * - `storageState` (from `page.context().storageState()`) carries a sign-in from one page to the next.
 * - `expect` lists patterns of faults that belong to the journey, such as `/401/` for a wrong password.
 */
export async function withPage(server, { expect = [], ...options }, visit) {
  const context = await (await browser()).newContext({ ...desktop, locale: "en-GB", timezoneId: "UTC", ...options, baseURL: server.url });
  context.setDefaultTimeout(WAIT_MS);
  const faults = [];
  const fault = (text) => expect.some((pattern) => pattern.test(text)) || faults.push(text);
  try {
    await context.route((url) => url.origin !== server.url && url.protocol.startsWith("http"), (route) => {
      fault(`request to ${route.request().url()}`);
      return route.abort();
    });
    const page = await context.newPage();
    if (options.javaScriptEnabled === false) scriptless.add(page);
    page.on("console", (message) => message.type() === "error" && fault(`console: ${message.text()} (${message.location().url})`));
    page.on("pageerror", (error) => fault(`uncaught: ${error.message}`));
    page.on("response", (answer) => answer.status() >= 500 && fault(`${answer.status()} from ${answer.url()}`));
    const result = await visit(page);
    assert.deepEqual(faults, [], "the page met faults");
    return result;
  } catch (error) {
    if (faults.length > 0 && error.code !== "ERR_ASSERTION") error.message += `\nThe page met faults: ${faults.join("; ")}`;
    throw error;
  } finally {
    await context.close();
  }
}

/**
 * Fails with every accessibility rule that the page breaks, and where. Only for a page with JavaScript, which axe itself
 * needs; the markup that a page without it shows is the same.
 */
export async function axe(page) {
  if (scriptless.has(page)) throw new Error("axe can't run in a page without JavaScript");
  // Evaluated by the debugger, which a content security policy does not stop.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.html}`).join("\n")}`);
  assert.deepEqual(found, [], `axe on ${page.url()}`);
}

/** The two ways in which every page works. */
export const modes = [
  { name: "with WASM", javaScriptEnabled: true },
  { name: "without WASM", javaScriptEnabled: false },
];

/** Whoever sets the server of a journey up. */
export const owner = { email: "owner@example.org", password: "a quiet desk by the window" };

/** Asks again and again until there is something, gives it, and fails when time is up. */
export async function until(what, check, withinMs = WAIT_MS) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until a page behind the sign-in does what it can do: follows the stream, or just stands there without scripts. */
export async function ready(page) {
  await page.locator("h1").first().waitFor();
  await page.locator(".stream", { hasText: scriptless.has(page) ? "As loaded" : "Live" }).waitFor();
}

/** Opens a page behind the sign-in. */
export async function open(page, path) {
  const answer = await page.goto(path);
  await ready(page);
  return answer;
}

/** Fills the form of the first visit in. */
export async function fillSetUp(page, { email, password, again = password } = owner) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(again);
  await page.getByRole("button", { name: "Make the owner" }).click();
}

/** Fills the sign-in form in. */
export async function fillSignIn(page, { email, password } = owner) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Makes the owner of a fresh server and gives their sign-in, for `withPage`'s `storageState`. */
export async function setUp(server) {
  return withPage(server, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/");
    await fillSetUp(page);
    await ready(page);
    return page.context().storageState();
  });
}

/** Keeps a picture of the whole page as artifacts/NAME.png. */
export async function shoot(page, name) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true, animations: "disabled" });
}
