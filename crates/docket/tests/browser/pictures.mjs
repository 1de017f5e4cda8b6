// Compares pages with the pictures of them that were approved; BLESS=1 writes them, and DOCKET_SCREENSHOTS names a folder for them
// as they were seen.
//
// A picture is of the whole page, kept at a quarter of its size and in grey: small, and a font of another package or a browser of
// another month moves it by little, while a missing column, a broken grid or a theme without contrast moves it by much. What is
// on a part of a page is judged within that part: a sentence more on an empty page, or a panel more beside a long list, is much
// of its part and little of the page.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { narrow, wide } from "./chromium.mjs";

// What is random: ids and secrets that are drawn, and what is made of them.
const RANDOM = "[data-random], #secret, #link, ul.codes li, .portal main code, svg.square path";

// As a page is seen: in which theme, and how wide.
export const LOOKS = {
  light: { ...wide, colorScheme: "light" },
  dark: { ...wide, colorScheme: "dark" },
  phone: { ...narrow, colorScheme: "light" },
  // On paper, of a browser that is dark: what is printed is dark on white all the same.
  print: { viewport: { width: 794, height: 1123 }, colorScheme: "dark", media: "print" },
};

// A part is so many points wide and high, each of 4 by 4 pixels; in it the mean difference of grey, of 255, and the share of points
// that differ by more than a fifth. Measured: everything a pixel further right and lower is 8 in the mean and 2 % at the most,
// everything wider by 1 % is 9 and 5 %; a note above an otherwise empty form is 15 and 8 %.
const BOUNDS = { wide: 80, high: 75, mean: 12, far: 51, share: 0.07 };
// How much of a page's height may be the font's doing.
const HEIGHT_SHARE = 0.03;
// A list that goes on and on is seen as far as this.
const HEIGHT_MAX = 2700;

export async function approver({ browser, finding, violations }, folder) {
  const bless = process.env.BLESS === "1";
  mkdirSync(folder, { recursive: true });
  const looked = new Set();
  const easel = await (await browser.newContext()).newPage();
  // The same page once more, to be read by axe-core: a page without scripts runs none of it. Its own scripts stay away.
  const twin = await (await browser.newContext({ bypassCSP: true, reducedMotion: "reduce" })).newPage();
  let content = "";
  await twin.route("**/twin", (route) => route.fulfill({ body: content, contentType: "text/html; charset=utf-8" }));
  await twin.route("**/*.js", (route) => route.abort());

  // No wider than the window, and nothing against WCAG 2.2 AA; of the second theme, only what colours can do wrong.
  async function accessible(page, look, where) {
    const { viewport, colorScheme } = LOOKS[look];
    await twin.setViewportSize(viewport);
    await twin.emulateMedia({ colorScheme });
    content = await page.content();
    await twin.goto(new URL("/twin", page.url()).href);
    const wider = await twin.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wider > 0) finding(`${where}: ${wider} pixels wider than the window`);
    if (/\b1970-/.test(content)) finding(`${where}: says 1970`);
    const rules = await violations(twin, look === "dark" ? ["color-contrast"] : undefined);
    for (const rule of rules) finding(`${where}: ${rule}`);
  }

  // Judges what is seen against what was approved; without that it is drawn small and returned.
  async function judged(png, approved) {
    const sources = [png, approved].filter((one) => one).map((one) => `data:image/png;base64,${one.toString("base64")}`);
    return easel.evaluate(async ({ sources, bounds }) => {
      const drawn = async (source, scale) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [Math.round(image.width / scale), Math.round(image.height / scale)];
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        pen.imageSmoothingQuality = "high";
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        return { canvas, pen, data: pen.getImageData(0, 0, canvas.width, canvas.height) };
      };
      const { canvas, pen, data } = await drawn(sources[0], 4);
      const seen = data.data;
      for (let at = 0; at < seen.length; at += 4) {
        // Sixteen greys: what the eye tells apart at this size, and a file of a few kilobytes.
        seen[at] = Math.round((0.2126 * seen[at] + 0.7152 * seen[at + 1] + 0.0722 * seen[at + 2]) / 17) * 17;
        seen[at + 1] = seen[at];
        seen[at + 2] = seen[at];
      }
      if (sources.length === 1) {
        pen.putImageData(data, 0, 0);
        return { small: canvas.toDataURL("image/png") };
      }
      const other = (await drawn(sources[1], 1)).data;
      if (other.width !== data.width) return { wrong: `${data.width * 4} pixels wide, approved at ${other.width * 4}` };
      if (Math.abs(other.height - data.height) > Math.max(8, other.height * bounds.height)) return { wrong: `${data.height * 4} pixels high, approved at ${other.height * 4}` };
      const rows = Math.min(other.height, data.height);
      const across = Math.ceil(data.width / bounds.wide);
      const parts = Array.from({ length: across * Math.ceil(rows / bounds.high) }, () => ({ points: 0, sum: 0, far: 0 }));
      for (let point = 0; point < rows * data.width; point += 1) {
        const [left, top] = [point % data.width, Math.floor(point / data.width)];
        const part = parts[Math.floor(top / bounds.high) * across + Math.floor(left / bounds.wide)];
        const difference = Math.abs(seen[point * 4] - other.data[point * 4]);
        part.points += 1;
        part.sum += difference;
        if (difference > bounds.far) part.far += 1;
      }
      const wrong = [];
      for (const [place, { points, sum, far }] of parts.entries()) {
        // A sliver at an edge is judged with what half a part may have.
        const whole = Math.max(points, (bounds.wide * bounds.high) / 2);
        if (sum / whole <= bounds.mean && far / whole <= bounds.share) continue;
        const [left, top] = [(place % across) * bounds.wide * 4, Math.floor(place / across) * bounds.high * 4];
        wrong.push(`at ${left},${top} by ${(sum / whole).toFixed(1)} in the mean, ${((far / whole) * 100).toFixed(1)} % by much`);
      }
      return wrong.length === 0 ? {} : { wrong: `${wrong.length} of ${parts.length} parts differ: ${wrong.slice(0, 3).join("; ")}` };
    }, { sources, bounds: { ...BOUNDS, height: HEIGHT_SHARE } });
  }

  // Looks at a page as it is now, in each of these looks.
  async function check(page, name, looks) {
    await page.evaluate(async (random) => {
      for (const one of document.querySelectorAll(random)) {
        if (one.matches("input")) one.value = "…";
        else if (one.matches("path")) one.removeAttribute("d");
        else one.textContent = "…";
      }
      // What stays in sight while one scrolls would cover a part of the whole page, and be cut itself.
      for (const one of document.querySelectorAll(".together, .beside")) Object.assign(one.style, { position: "static", maxBlockSize: "none" });
      document.activeElement?.blur();
      await document.fonts.ready;
    }, RANDOM);
    for (const look of looks) {
      const { viewport, colorScheme, media = "screen" } = LOOKS[look];
      if (media === "screen") await accessible(page, look, `${name}, ${look}`);
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, media });
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(Math.max(height, viewport.height), HEIGHT_MAX) };
      const png = await page.screenshot({ animations: "disabled", caret: "hide", fullPage: true, clip });
      const file = `${name}-${look}.png`;
      looked.add(file);
      if (process.env.DOCKET_SCREENSHOTS) writeFileSync(`${process.env.DOCKET_SCREENSHOTS}/${file}`, png);
      const path = `${folder}/${file}`;
      if (bless) {
        const { small } = await judged(png);
        writeFileSync(path, Buffer.from(small.split(",")[1], "base64"));
      } else if (existsSync(path)) {
        const { wrong } = await judged(png, readFileSync(path));
        if (wrong) finding(`${file}: ${wrong}`);
      } else finding(`${file}: no picture was approved; look at it and run again with BLESS=1`);
    }
    await page.setViewportSize(wide.viewport);
    await page.emulateMedia({ media: "screen" });
  }

  // A picture of a page that nobody looks at any more holds nothing.
  function leftovers() {
    for (const file of readdirSync(folder)) if (!looked.has(file)) finding(`${file}: no page is like this any more; delete it`);
  }

  return { check, leftovers };
}
