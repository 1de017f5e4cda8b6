// Compares every page of the desk and of the portal with the picture of it that was approved, and reads each with axe-core.
// Arguments: the links of an analyst, an auditor and a merchant, the address of a desk that gives one page a second, the instant at
// which the clock stands, the folder of clients, the folder of pictures. BLESS=1 writes them.
import { start } from "./chromium.mjs";
import { approver } from "./pictures.mjs";
import { portal } from "./goldens_portal.mjs";

const [deskLink, auditorLink, merchantLink, busy, now, clients, folder] = process.argv.slice(2);
const chromium = await start(clients);
const { browser, finding, end } = chromium;
const base = new URL(deskLink).origin;
const { check, leftovers } = await approver(chromium, folder);
const BOTH = ["light", "dark"];

const desk = [
  ["morning", "/desk"],
  ["queue", "/desk/queue"],
  ["cases", "/desk/cases?divergent=yes"],
  ["case", (page) => first(page, "/desk/cases?divergent=yes&status=won", "main a[data-row]")],
  ["case-due", (page) => first(page, "/desk/queue?stage=chargeback&order=time", "main a[data-row]")],
  ["why", (page) => first(page, page.url(), "main a.why[href*='/why/status']")],
  ["document", (page) => first(page, page.url(), "main a[href*='/desk/documents/']")],
  ["bytes", (page) => page.url().replace(/#.*$/, "").replace(/(\?|$)/, "?view=bytes&")],
  ["findings", "/desk/findings"],
  ["ledger", "/desk/ledger"],
  ["entries", "/desk/ledger/entries"],
  ["account", (page) => first(page, "/desk/ledger", "main a[href*='/ledger/account']")],
  ["feeds", "/desk/feeds"],
  ["documents", "/desk/documents"],
  ["quarantine", "/desk/quarantine"],
  ["sends", "/desk/sends"],
  ["rules", "/desk/rules?q=visa+10"],
  ["providers", "/desk/providers"],
  ["held", (page) => first(page, "/desk/quarantine", "main a[data-row]")],
  ["search", "/desk/search?q=stripe"],
  ["search-found", "/desk/search?q=dp_0000"],
  ["search-none", "/desk/search?q=nothing-has-this-name"],
  ["cases-none", "/desk/cases?status=won&stage=compliance"],
  ["settings", "/settings"],
  ["missing", "/desk/cases/nowhere"],
];
const ON_PHONES = ["morning", "queue", "cases", "case", "why", "document", "bytes", "findings", "ledger", "search"];
const ON_PAPER = ["case", "why", "entries"];

async function first(page, address, selector) {
  await page.goto(new URL(address, base).href);
  const href = await page.locator(selector).first().getAttribute("href");
  return new URL(href, base).href;
}

for (const [link, pages] of [[deskLink, desk], [auditorLink, [["audit", "/desk/audit"]]]]) {
  const context = await browser.newContext({ reducedMotion: "reduce", locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(link);
  for (const [title, next] of pages) {
    const address = typeof next === "string" ? base + next : await next(page);
    await page.goto(address.split("#")[0]);
    const looks = [...BOTH, ...(ON_PHONES.includes(title) ? ["phone"] : []), ...(ON_PAPER.includes(title) ? ["print"] : [])];
    await check(page, `desk-${title}`, looks);
  }
  if (link === auditorLink) {
    await page.locator("form[action='/desk/audit/verify'] button").click();
    await check(page, "desk-audit-verified", BOTH);
  }
  await context.close();
}

const people = await portal({ browser, finding, check, links: { merchant: merchantLink, desk: deskLink }, busy, now });
if (people) await late(people);

leftovers();
await end();

// What comes late, and what goes wrong: after everything else, for the desk is broken then.
async function late({ merchant, desk, nobody }) {
  await desk.goto(`${base}/desk/queue?order=time`);
  for (const box of (await desk.locator("input[name='case']").all()).slice(0, 3)) await box.check();
  await desk.locator("button[value='claim']").click();
  await check(desk, "desk-queue-claimed", BOTH);
  await nobody.goto(`${base}/test/comes`);
  for (const name of ["overdue", "unstated"]) {
    await merchant.goto(`${base}/disputes?q=dp_${name}_1`);
    await check(merchant, `portal-dispute-${name}`, BOTH);
    await merchant.goto(`${merchant.url()}/evidence`);
    await check(merchant, `portal-evidence-${name}`, BOTH);
    await desk.goto(`${base}/desk/cases/dp_${name}_1`);
    await check(desk, `desk-case-${name}`, BOTH);
  }
  // What is overdue is called so wherever it is listed, by the word of its own page.
  const standing = async (page, address, selector) => {
    await page.goto(base + address);
    const words = await page.locator(selector).allInnerTexts();
    if (words.length === 0 || !words.every((word) => /overdue|late/.test(word))) finding(`${address}: what is overdue is called ${words}`);
  };
  await standing(merchant, "/disputes?q=dp_overdue_1", ".head .chip >> nth=0");
  await standing(merchant, "/disputes?status=ours&due=overdue", "td[data-name=Status] .chip");
  await check(merchant, "portal-list-overdue", BOTH);
  await standing(merchant, "/", "section[aria-labelledby=passed] td[data-name=Status] .chip");
  await check(merchant, "portal-now-overdue", BOTH);
  await standing(desk, "/desk/cases?q=dp_overdue_1", "td[data-name=Status] .chip");
  await standing(desk, "/desk/search?q=dp_overdue_1", ".head .chip >> nth=0");
  const wrong = async (page, address, status, name) => {
    const answer = await page.goto(base + address);
    if (answer.status() !== status) finding(`${address} was answered ${answer.status()}`);
    await check(page, name, BOTH);
  };
  await wrong(merchant, "/test/fault", 500, "portal-fault");
  await wrong(nobody, "/test/fault", 500, "portal-nobody-fault");
  await nobody.goto(`${base}/test/breaks`);
  await wrong(merchant, "/disputes", 503, "portal-unavailable");
  await wrong(desk, "/desk/cases", 503, "desk-unavailable");
}
