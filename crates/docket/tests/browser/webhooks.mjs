// A merchant keeps an endpoint on the pages, without scripts, and a receiver of theirs hears what was asked for. Prints one line
// per finding. Arguments: the links of the desk, the merchant and the auditor, the folder of clients, and perhaps one for pictures.
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const [, link, , clients, pictures] = process.argv.slice(2);
const require = createRequire(`${clients}/node/node_modules/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core"), "utf8");
const base = new URL(link).origin;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const findings = [];
const finding = (words) => findings.push(words);
const expect = (good, words) => good || finding(words);

const heard = [];
let waiting = [];
const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    heard.push({ headers: request.headers, body: Buffer.concat(parts) });
    response.end("thank you");
    waiting.forEach((go) => go());
    waiting = [];
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}/hook`;
// Until so many were heard; the desk sends within a second.
const count = async (wanted) => {
  while (heard.length < wanted) await new Promise((go) => waiting.push(go));
};

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
const page = await context.newPage();
const text = () => page.locator("main").innerText();
// Reloads until the page says so: what is heard is noted a moment later.
const says = async (pattern) => {
  for (let n = 0; n < 200; n += 1) {
    if (pattern.test(await text())) return true;
    await page.reload();
  }
  finding(`${page.url()}: never said ${pattern}`);
  return false;
};

await page.goto(link);
await page.goto(`${base}/webhooks`);
expect(/Nobody is told yet/.test(await text()), "the list is not empty at first");

// A mistake is named, and what was typed is still there.
await page.fill("#url", "https://10.0.0.1/hook");
await page.getByRole("button", { name: "Add it" }).click();
expect(/The URL address 10\.0\.0\.1|not loopback/.test(await text()), `an address inside was not refused: ${await text()}`);
expect((await page.inputValue("#url")) === "https://10.0.0.1/hook", "what was typed is gone");

await page.fill("#url", url);
await page.fill("#description", "Shop <b>1</b>");
await page.getByRole("button", { name: "Add it" }).click();
const secret = await page.inputValue("#secret");
expect(secret.startsWith("whsec_"), "no secret was shown");
await page.goto(`${base}/webhooks`);
expect(!(await page.content()).includes(secret), "the secret was shown twice");
expect(/Shop <b>1<\/b>/.test(await text()), "the description is not as typed");

await page.locator("a[data-row]").click();
const endpoint = page.url();
expect(/works/.test(await text()), "a new endpoint does not work");
await page.getByRole("button", { name: "Send a test event" }).click();
const event = page.url();
await count(1);
const [{ headers, body }] = heard;
const [, at, signature] = headers["stripe-signature"].match(/^t=(\d+),v1=([0-9a-f]+)$/) ?? [];
expect(signature === createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex"), "the signature is another secret's");
expect(JSON.parse(body).type === "docket.ping", "it is no test event");
if (await says(/delivered/)) expect(/200[^]*thank you/.test(await text()), "the attempt is not shown");

await page.getByRole("button", { name: "Send it again" }).click();
await count(2);
expect(heard[1].headers["webhook-id"] === headers["webhook-id"], "sent again under another id");
await says(/2 attempts/);
await page.goto(endpoint);
const today = new Date().toISOString().slice(0, 10);
await page.fill("#first", today);
await page.fill("#last", today);
await page.getByRole("button", { name: "Send again" }).nth(1).click();
await count(3);
await page.goto(event);
await says(/3 attempts/);

await page.goto(endpoint);
await page.getByRole("button", { name: "Disable it" }).click();
expect(/disabled by hand/.test(await text()), "it is not disabled");
await page.getByRole("button", { name: "Send a test event" }).click();
expect(/held/.test(await text()), "a test event was not held");
await page.goto(`${endpoint}?state=held`);
expect((await page.locator("tbody tr").count()) === 1, "what is held is not listed");
await page.getByRole("button", { name: "Make another secret" }).click();
const fresh = await page.inputValue("#secret");
expect(fresh.startsWith("whsec_") && fresh !== secret, "no other secret was shown");
expect(/signs until/.test(await text()), "nothing says until when the old one signs");
await page.goto(endpoint);
await page.getByRole("button", { name: "Enable it" }).click();
expect(!/disabled by hand/.test(await text()), "it is not enabled");

// Every page at both widths and in both themes, by the same person.
const state = await context.storageState();
for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [360, "light"], [360, "dark"]]) {
  const other = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, storageState: state, bypassCSP: true });
  const seen = await other.newPage();
  for (const [name, address] of [["list", `${base}/webhooks`], ["endpoint", endpoint], ["event", event]]) {
    const answer = await seen.goto(address);
    const where = `${name}, ${width}, ${colorScheme}`;
    if (answer.status() !== 200) finding(`${where}: answered ${answer.status()}`);
    const wide = await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) finding(`${where}: ${wide} pixels wider than the window`);
    if (pictures) await seen.screenshot({ path: `${pictures}/webhooks-${name}-${width}-${colorScheme}.png`, fullPage: true });
    await seen.evaluate(axe);
    const broken = await seen.evaluate(async (tags) => {
      const { violations } = await window.axe.run(document, { runOnly: tags });
      return violations.map((rule) => `${rule.id} at ${rule.nodes[0].html}`);
    }, RULES);
    for (const rule of broken) finding(`${where}: ${rule}`);
  }
  await other.close();
}

await page.goto(endpoint);
await page.check("#sure");
await page.getByRole("button", { name: "Delete it" }).click();
expect(/Nobody is told yet/.test(await text()), "it is not deleted");
expect((await page.goto(endpoint)).status() === 404, "what is deleted is still there");
expect((await page.goto(`${base}/webhooks/we_nothing/events/evt_nothing`)).status() === 404, "what never was is there");

await browser.close();
server.close();
for (const words of findings) console.log(words);
console.log(`${findings.length} findings`);
