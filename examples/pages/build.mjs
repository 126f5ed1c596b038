// build.mjs FROM TO: a page for each Markdown file.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { marked } from "marked";

const [from, to] = process.argv.slice(2);
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from)) {
  const body = marked.parse(readFileSync(`${from}/${name}`, "utf8"));
  writeFileSync(`${to}/${name.replace(/\.md$/, ".html")}`, `<!doctype html>\n<meta charset="utf-8">\n${body}`);
}
