// A merchant's day in the portal of a demonstration, in Chromium; prints one line per finding.
// Arguments: the links of the desk, the merchant and the auditor, the folder of clients. With SHOTS in the environment, pictures are kept there.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [deskLink, merchantLink, , clients] = process.argv.slice(2);
const require = createRequire(`${clients}/node/node_modules/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core"), "utf8");
const base = new URL(merchantLink).origin;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const findings = [];
const finding = (words) => findings.push(words);
const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 360, height: 780 } };
const LONG = "Northwind Fabrication and International Forwarding Partnership ".repeat(3).trim().slice(0, 190);
const RTL = "\u05de\u05d7\u05dc\u05e7\u05ea \u05d4\u05e2\u05e8\u05e2\u05d5\u05e8\u05d9\u05dd";

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function enter(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (error) => finding(`${page.url()}: ${error}`));
  await page.goto(merchantLink);
  return page;
}

async function fits(page, where) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wider > 0) finding(`${where}: ${wider} pixels wider than the window`);
}

async function look(page, where) {
  await fits(page, where);
  if (/\b1970-/.test(await page.content())) finding(`${where}: says 1970`);
  await page.evaluate(axe);
  const rules = await page.evaluate(async (tags) => {
    const { violations } = await window.axe.run(document, { runOnly: tags });
    return violations.map((rule) => `${rule.id} at ${rule.nodes[0].html}`);
  }, RULES);
  for (const rule of rules) finding(`${where}: ${rule}`);
  if (process.env.SHOTS) {
    const name = where.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
    const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: document.documentElement.scrollHeight }));
    await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, 1600) } });
  }
}

// What follows looks at pages with very long names, right-to-left ones, saved lists, messages and a key on them.
let due;
{
  const page = await enter({ ...wide, javaScriptEnabled: false });
  await page.goto(`${base}/disputes?status=ours`);
  due = await page.locator("a[data-row]").first().getAttribute("href");
  // Without scripts: filters, a saved list, a message, a zone.
  await page.selectOption("#by-status", "won");
  await page.click("form.asked button");
  if (!page.url().includes("status=won")) finding(`filters without scripts lead to ${page.url()}`);
  const chips = await page.locator("td[data-name=Status] .chip").allInnerTexts();
  if (chips.length === 0 || !chips.every((chip) => /won/.test(chip))) finding(`won: ${chips.slice(0, 3)}`);
  for (const name of [RTL, LONG.slice(0, 60)]) {
    await page.goto(`${base}/disputes?status=ours&reason=${name === RTL ? "duplicate" : "not-received"}`);
    await page.locator("details.save summary").click();
    await page.fill("#view-name", name);
    await page.click("details.save button");
  }
  if ((await page.locator("nav[aria-label='Saved lists'] bdi").count()) !== 2) finding("lists are not saved");
  await page.goto(base + due);
  await page.fill("#message", `${RTL}\n${LONG.replaceAll(" ", "")}`);
  await page.click("#messages button");
  if (!(await page.locator("ol.thread li.own").innerText()).includes(RTL)) finding("a message is not shown");
  await page.goto(`${base}/settings`);
  await page.selectOption("#zone", "America/New_York");
  await page.locator("section[aria-labelledby=looks] button").click();
  if (!/Times in America\/New_York/.test(await page.innerText("footer"))) finding("the zone is not taken");
  await page.goto(`${base}/team`);
  for (const [name, email] of [[LONG, "long@example.com"], [RTL, "rtl@example.com"]]) {
    await page.fill("#invite-name", name);
    await page.fill("#invite-email", email);
    await page.locator("section[aria-labelledby=invite] button").click();
  }
  const link = await page.inputValue("#link");
  await page.goto(`${base}/keys`);
  await page.fill("#label", LONG);
  await page.locator("section[aria-labelledby=mint] button").click();
  if (!(await page.inputValue("#secret")).startsWith("dk_live_")) finding("a new key is not shown");
  await page.context().close();
  // Whoever was invited sets up password and telephone.
  for (const [options, words] of [[wide, "wide"], [narrow, "narrow"]]) {
    const context = await browser.newContext({ ...options, bypassCSP: true });
    const invited = await context.newPage();
    await invited.goto(link);
    if ((await invited.locator("svg.square path").count()) !== 1) finding("no square code is drawn");
    await look(invited, `invitation ${words}`);
    await context.close();
  }
}

const PAGES = [
  ["now", "/"],
  ["now by money", "/?order=money"],
  ["list", "/disputes"],
  ["list empty", "/disputes?currency=USD&least=9999999"],
  ["dispute due", due],
  ["dispute won", "won"],
  ["insights", "/insights?sales=12000"],
  ["team", "/team"],
  ["keys", "/keys"],
  ["settings", "/settings"],
  ["not found", "/disputes/dp_none"],
  ["no such page", "/nowhere/at/all"],
];
for (const [options, words] of [[wide, "wide"], [narrow, "narrow"]]) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await enter({ ...options, colorScheme, bypassCSP: true });
    for (const [name, path] of PAGES) {
      let address = path;
      if (path === "won") {
        await page.goto(`${base}/disputes?status=won`);
        address = await page.locator("a[data-row]").first().getAttribute("href");
      }
      const answer = await page.goto(base + address);
      const want = ["not found", "no such page"].includes(name) ? 404 : 200;
      if (answer.status() !== want) finding(`${name}: answered ${answer.status()}`);
      if ((await page.locator("header nav").count()) !== 1) finding(`${name}: not in the frame`);
      await look(page, `${name} ${words} ${colorScheme}`);
    }
    await page.context().close();
  }
}

// Right to left: nothing is lost beyond an edge.
{
  const page = await enter(narrow);
  for (const [name, path] of PAGES.filter(([, path]) => path.startsWith("/"))) {
    await page.goto(base + path);
    await page.evaluate(() => (document.documentElement.dir = "rtl"));
    await fits(page, `${name} from right to left`);
  }
  await page.context().close();
}

// Keys only: from the first page into the nearest dispute, to the message box, and to a page by the palette.
{
  const page = await enter(wide);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/disputes\/dp_/);
  await page.focus("#message");
  await page.keyboard.type("By keyboard alone");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#messages$/);
  if (!(await page.locator("ol.thread").innerText()).includes("By keyboard alone")) finding("keys: no message was sent");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("insi");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/insights$/);
  await page.keyboard.press("/");
  await page.keyboard.type("nothing-has-this-name");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/disputes\?q=/);
  if (!(await page.innerText("main")).includes("No dispute is like this")) finding("keys: the search found something");
  await page.context().close();
}

// The file of the list, and paging there and back.
{
  const page = await enter(wide);
  await page.goto(`${base}/disputes`);
  const first = await page.locator("a[data-row]").first().getAttribute("href");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[href^='/disputes.csv']")]);
  if (file.suggestedFilename() !== "disputes.csv") finding(`the list is kept as ${file.suggestedFilename()}`);
  await page.click("a[rel=next]");
  if ((await page.locator("a[data-row]").first().getAttribute("href")) === first) finding("the next page is the same");
  await page.click("a[rel=prev]");
  if ((await page.locator("a[data-row]").first().getAttribute("href")) !== first) finding("the way back is another");
  await page.context().close();
}

// The desk answers, the merchant is told of it until they read it, and a note stays among the desk's people.
{
  const context = await browser.newContext(wide);
  const desk = await context.newPage();
  await desk.goto(deskLink);
  const id = due.split("/").pop();
  await desk.goto(`${base}/desk/cases/${id}`);
  await desk.fill("#note", "Among ourselves");
  await desk.locator("form[action$='/note'] button").click();
  await desk.fill("#message", "From the desk to you");
  await desk.locator("form[action$='/tell'] button").click();
  await context.close();
  const page = await enter(wide);
  await page.click("section[aria-labelledby=unread] a");
  const text = await page.innerText("main");
  if (!text.includes("From the desk to you")) finding("the desk's message is not there");
  if (text.includes("Among ourselves")) finding("a note of the desk is shown to a merchant");
  await page.goto(base);
  if ((await page.locator("section[aria-labelledby=unread]").count()) !== 0) finding("a message that was read is still unread");
  await page.context().close();
}

await browser.close();
for (const words of findings) console.log(words);
console.log(`${findings.length} findings`);
