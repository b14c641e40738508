// Every regular expression of the product, checked for time that grows faster than the text it reads.
//
//   node test/trust/redos.mjs              our own sources
//   node test/trust/redos.mjs --shipped    also what the bundles in dist/ carry of others
//
// A pattern that is built while the program runs is checked in the form that it has after a review of the sample.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { checkSync } from 'recheck';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PRODUCT = ['client', 'rules', 'server'];
/** Attack strings are looked for up to this long; beyond it a pattern counts as not judged, which fails. */
const BUDGET_MS = 20_000;

function* sources(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (/\.(?:ts|mts|js|cjs)$/.test(name)) yield path;
  }
}

/** Regex literals of a file, and the places where one is made from a string. */
export function patternsOf(path, text) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const literals = [];
  const built = [];
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) {
      for (const it of node) visit(it);
      return;
    }
    if (node.type === 'Literal' && node.regex != null) literals.push({ pattern: node.regex.pattern, flags: node.regex.flags, at: node.start });
    else if ((node.type === 'NewExpression' || node.type === 'CallExpression') && node.callee.type === 'Identifier' && node.callee.name === 'RegExp')
      built.push({
        at: node.start,
        constant: node.arguments[0]?.type === 'Literal' && typeof node.arguments[0].value === 'string' ? node.arguments[0].value : undefined,
      });
    for (const key in node) if (key !== 'parent') visit(node[key]);
  };
  visit(program);
  return { literals, built };
}

function lineOf(text, offset) {
  return text.slice(0, offset).split('\n').length;
}

/** `undefined` when the pattern is linear or nearly so, else what is wrong with it. */
export function weakness(pattern, flags) {
  const result = checkSync(pattern, flags.replace(/[dv]/g, ''), { timeout: BUDGET_MS });
  if (result.status === 'safe') return undefined;
  if (result.status === 'unknown') return `not judged: ${result.error.kind}`;
  return `${result.complexity.type === 'polynomial' ? `polynomial of degree ${result.complexity.degree}` : 'exponential'}: ${result.attack.pattern}`;
}

function main() {
  const files = PRODUCT.flatMap((it) => [...sources(join(root, it))]);
  if (process.argv.includes('--shipped')) for (const it of sources(join(root, 'dist'))) if (!it.includes(`${join('dist', 'test')}`)) files.push(it);
  const seen = new Map();
  let count = 0;
  const builtAt = [];
  for (const path of files) {
    const text = readFileSync(path, 'utf8');
    const { literals, built } = patternsOf(path, text);
    for (const it of built) if (it.constant === undefined) builtAt.push(`${relative(root, path)}:${lineOf(text, it.at)}`);
    for (const { pattern, flags, at } of literals) {
      count += 1;
      const key = `/${pattern}/${flags}`;
      if (!seen.has(key)) seen.set(key, { pattern, flags, at: `${relative(root, path)}:${lineOf(text, at)}` });
    }
  }
  let bad = 0;
  for (const [key, { pattern, flags, at }] of seen) {
    const wrong = weakness(pattern, flags);
    if (wrong === undefined) continue;
    bad += 1;
    console.log(`${at}  ${key}\n    ${wrong}`);
  }
  console.log(`${count} literals, ${seen.size} of them different; ${builtAt.length} built from strings: ${builtAt.join(', ')}`);
  console.log(`${seen.size - bad} passed, ${bad} failed`);
  return bad === 0 ? 0 : 1;
}

if (existsSync(process.argv[1] ?? '') && fileURLToPath(import.meta.url) === process.argv[1]) process.exit(main());
