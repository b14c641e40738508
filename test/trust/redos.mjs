// Every regular expression of the product, checked for time that grows faster than the text it reads.
//
//   node test/trust/redos.mjs              our own sources
//   node test/trust/redos.mjs rules/api    some of them
//   node test/trust/redos.mjs --shipped    also what the bundles in dist/ carry of others
//
// A pattern that is built while the program runs is checked in the form that it has after a review of the sample.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { parseSync } from 'oxc-parser';
import { check } from 'recheck';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PRODUCT = ['client', 'rules', 'server'];
/** What is not judged by then fails; generous, for busy machines. */
const BUDGET_MS = 60_000;
/** How often repetitions that are all bounded may try again at one place: the tool takes a large bound for none. */
const MOST_TRIES = 100_000;
/** An attack counts from here on, in time of the processor; harmless ones take one or two. */
const ATTACK_MS = 100;

function* sources(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (/\.(?:ts|mts|js|cjs)$/.test(name)) yield path;
  }
}

/** Regex literals of a file, and the places where one is made from a string. */
function patternsOf(path, text) {
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

/** Without classes and escapes, so that what is left of its signs are operators. */
function bare(pattern) {
  return pattern.replace(/\\./gs, 'xx').replace(/\[[^\]]*\]/g, (it) => 'x'.repeat(it.length));
}

/** The alternatives at the top, which cost no more together than each alone; all in one when they refer to each other. */
function alternatives(pattern) {
  if (/\\[1-9k]/.test(pattern)) return [pattern];
  const signs = bare(pattern);
  const result = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < signs.length; at++) {
    if (signs[at] === '(') depth += 1;
    else if (signs[at] === ')') depth -= 1;
    else if (signs[at] === '|' && depth === 0) {
      result.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return [...result, pattern.slice(from)];
}

/** Is the work at one place bounded, and by little? */
function isBounded(pattern) {
  const signs = bare(pattern);
  if (/[*+]|\{\d+,\}/.test(signs)) return false;
  return [...signs.matchAll(/\{(?:\d+,)?(\d+)\}/g)].reduce((product, [, most]) => product * Math.max(1, Number(most)), 1) <= MOST_TRIES;
}

/** What the tool found by trial and not by proof is tried on the engine: a true attack keeps it busy for a second. */
function isSlow(pattern, flags, attack) {
  const before = process.cpuUsage().user;
  try {
    runInNewContext('new RegExp(pattern, flags).test(attack)', { pattern, flags, attack }, { timeout: ATTACK_MS * 20 });
  } catch {
    return true;
  }
  return process.cpuUsage().user - before > ATTACK_MS * 1000;
}

/** `undefined` when the pattern is linear or nearly so, else what is wrong with it. */
async function weakness(pattern, flags) {
  for (const it of alternatives(pattern)) {
    if (isBounded(it)) continue;
    const result = await check(it, flags.replace(/[dv]/g, ''), { timeout: BUDGET_MS });
    if (result.status === 'safe') continue;
    if (result.status === 'unknown') return `not judged: ${result.error.kind}`;
    if (result.checker === 'fuzz' && !isSlow(it, flags, result.attack.string)) continue;
    return `${result.complexity.type === 'polynomial' ? `polynomial of degree ${result.complexity.degree}` : 'exponential'}: ${result.attack.pattern}`;
  }
  return undefined;
}

function filesOf(paths) {
  const wanted = paths.map((it) => resolve(it));
  const folders = [...PRODUCT, ...(process.argv.includes('--shipped') ? ['dist'] : [])];
  const all = folders.flatMap((it) => [...sources(join(root, it))]).filter((it) => !it.startsWith(join(root, 'dist', 'test')));
  return wanted.length === 0 ? all : all.filter((it) => wanted.some((each) => it === each || it.startsWith(each + sep)));
}

async function main() {
  const seen = new Map();
  let count = 0;
  const builtAt = [];
  for (const path of filesOf(process.argv.slice(2).filter((it) => !it.startsWith('--')))) {
    const text = readFileSync(path, 'utf8');
    const { literals, built } = patternsOf(path, text);
    for (const it of built) if (it.constant === undefined) builtAt.push(`${relative(root, path)}:${lineOf(text, it.at)}`);
    for (const { pattern, flags, at } of literals) {
      count += 1;
      const key = `/${pattern}/${flags}`;
      if (!seen.has(key)) seen.set(key, { pattern, flags, at: `${relative(root, path)}:${lineOf(text, at)}` });
    }
  }
  const queue = [...seen];
  let bad = 0;
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [key, { pattern, flags, at }] = next;
      const wrong = await weakness(pattern, flags);
      if (wrong === undefined) continue;
      bad += 1;
      console.log(`${at}  ${key}\n    ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  console.log(`${count} literals, ${seen.size} of them different; ${builtAt.length} built from strings: ${builtAt.join(', ')}`);
  console.log(`${seen.size - bad} passed, ${bad} failed`);
  return bad === 0 ? 0 : 1;
}

if (existsSync(process.argv[1] ?? '') && fileURLToPath(import.meta.url) === process.argv[1]) process.exit(await main());
