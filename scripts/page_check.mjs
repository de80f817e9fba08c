// Opens pages in a browser and reports problems. page-check.sh copies this file into the folder of its tools and runs it.
// Usage: node page_check.mjs CHROMIUM OUT PAGE…; writes screenshots and PDFs into OUT.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [chromium, out, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const problems = [];

// Adds the problems of a page in its current state; `view` names the page and the state.
async function check(page, view) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  for (const violation of result.violations) {
    problems.push(`${view}: ${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  }
  const found = await page.evaluate(() => {
    const small = [...document.querySelectorAll("svg text")]
      .filter((text) => text.checkVisibility())
      .map((text) => (parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getBoundingClientRect().width) / text.ownerSVGElement.viewBox.baseVal.width)
      .filter((size) => size < 12);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return {
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      small: small.length,
      repeated: ids.length - new Set(ids).size,
    };
  });
  if (found.sideways > 0) problems.push(`${view}: scrolls horizontally by ${found.sideways} pixels`);
  if (found.small > 0) problems.push(`${view}: ${found.small} SVG texts are smaller than 12 pixels`);
  if (found.repeated > 0) problems.push(`${view}: ${found.repeated} ids are repeated`);
}

const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
for (const file of pages) {
  const name = basename(file, ".html");
  const page = await browser.newPage();
  // The check's own script must run; other tests check the content security policy of the page.
  await page.setBypassCSP(true);
  const url = pathToFileURL(resolve(file)).href;
  page.on("request", (request) => {
    if (request.url() !== url) problems.push(`${name}: requests ${request.url().slice(0, 100)}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${name}: ${message.text()}`);
  });
  for (const scheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(url);
      await check(page, `${name} ${scheme} ${width}`);
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
      await check(page, `${name} ${scheme} ${width} opened`);
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = false; }));
      await page.screenshot({ path: `${out}/${name}-${scheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMediaFeatures([]);
  await page.goto(url);
  await page.pdf({ path: `${out}/${name}.pdf`, format: "A4", preferCSSPageSize: true, printBackground: true });
  await page.close();
  console.log(`${name}: checked`);
}
await browser.close();
for (const problem of problems) console.log(problem);
console.log(`${pages.length} pages, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
