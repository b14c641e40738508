// Every regular expression of the product, checked for time that grows faster than the text it reads.
//
//   node test/trust/redos.mjs              our own sources
//   node test/trust/redos.mjs rules/api    some of them
//   node test/trust/redos.mjs --shipped    also what the bundles in dist/ carry of others
//
// A pattern that is made from strings while the program runs is checked as what it came to in a run over every rule's
// examples and the sample (`patterns.ts`); a place that makes one and was not reached by that run is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { parseSync } from 'oxc-parser';
import { check } from 'recheck';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PRODUCT = ['client', 'rules', 'server'];
/** What is not judged by then fails; generous, for busy machines. */
const BUDGET_MS = 60_000;
/** How often repetitions that are all bounded may try again at one place, without asking the tool. */
const MOST_TRIES = 1000;
/** Of a text that the tool finds dangerous. A pattern that tries in vain from each character again is busy for seconds. */
const ATTACK_LENGTH = 100_000;
/** An attack counts from here on, in time of the processor; what grows with the text takes a few. */
const ATTACK_MS = 200;
/** Of patterns that one place makes from names in the code that is reviewed; they differ in these names alone. */
const MOST_OF_A_PLACE = 10;

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
      built.push(node.start);
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
function isBounded(pattern, most = MOST_TRIES) {
  const signs = bare(pattern);
  if (/[*+]|\{\d+,\}/.test(signs)) return false;
  return [...signs.matchAll(/\{(?:\d+,)?(\d+)\}/g)].reduce((product, [, bound]) => product * Math.max(1, Number(bound)), 1) <= most;
}

/** The attack that the tool found, so long that it must show. */
function attackText({ pumps, suffix }) {
  const once = pumps.reduce((sum, it) => sum + it.prefix.length, suffix.length);
  const repeated = pumps.reduce((sum, it) => sum + it.pump.length, 0);
  const count = Math.ceil((ATTACK_LENGTH - once) / Math.max(1, repeated));
  return pumps.map((it) => it.prefix + it.pump.repeat(count)).join('') + suffix;
}

/** What the tool found by trial and not by proof, or takes a large bound for, is tried on the engine itself. */
function isSlow(pattern, flags, attack) {
  const text = attackText(attack);
  const before = process.cpuUsage().user;
  try {
    runInNewContext('new RegExp(pattern, flags).test(text)', { pattern, flags, text }, { timeout: ATTACK_MS * 20 });
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
    if ((result.checker === 'fuzz' || isBounded(it, Number.MAX_SAFE_INTEGER)) && !isSlow(it, flags, result.attack)) continue;
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

// ----------------------------------------------------------------------------------- made from strings

/** Stands before everything else in the bundle: notes each pattern that is made from a string, and where. */
const RECORDER = `
{
  const Native = RegExp;
  const made = new Map();
  let loading = true;
  queueMicrotask(() => { loading = false; });
  const note = ([given, wanted]) => {
    const pattern = given instanceof Native ? given.source : String(given);
    const flags = wanted ?? (given instanceof Native ? given.flags : '');
    const key = flags + ' ' + pattern;
    if (!made.has(key)) made.set(key, { pattern, flags, loading, stack: new Error().stack });
  };
  globalThis.RegExp = new Proxy(Native, {
    construct(target, args, as) { note(args); return Reflect.construct(target, args, as === globalThis.RegExp ? target : as); },
    apply(target, self, args) { note(args); return Reflect.apply(target, self, args); },
  });
  process.on('exit', () => require('node:fs').writeFileSync(process.env.ATTEST_PATTERNS, JSON.stringify([...made.values()])));
}`;
/** They start something when they are loaded. */
const DOORS = new Set(['cli', 'main', 'mcp', 'node', 'start', 'worker', 'review-thread'].map((it) => `server/${it}.ts`));

/** Every pattern of ours that a run makes, by the place that makes it. */
async function madePatterns() {
  const scratch = mkdtempSync(join(tmpdir(), 'attest-patterns-'));
  const bundle = join(root, 'dist', 'test', 'patterns.cjs');
  const modules = ['rules', 'server']
    .flatMap((it) => [...sources(join(root, it))].map((path) => relative(root, path).replaceAll(sep, '/')))
    .filter((it) => !DOORS.has(it));
  await build({
    absWorkingDir: root,
    stdin: { contents: [...modules, 'test/trust/patterns.ts'].map((it) => `import './${it}';`).join('\n'), resolveDir: root },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
    banner: { js: RECORDER },
    alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
    define: { ATTEST_VERSION: '"0.0.0"', __dirname: JSON.stringify(join(root, 'dist', 'test')) },
  });
  const file = join(scratch, 'made.json');
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', bundle], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ATTEST_PATTERNS: file },
  });
  if (status !== 0) throw new Error('the run that makes patterns failed');
  const made = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(scratch, { recursive: true, force: true });
  return made.flatMap(({ stack, ...it }) => {
    const at = /\/((?:rules|server)\/[\w./-]+\.ts):(\d+):\d+/.exec(stack);
    return at === null || stack.slice(0, at.index).includes('node_modules') ? [] : [{ ...it, at: `${at[1]}:${at[2]}` }];
  });
}

/** Those to check of each place, and the places that the run did not reach. */
async function checkedOf(places) {
  const made = await madePatterns();
  const byPlace = new Map(places.map((at) => [at, made.filter((it) => it.at === at)]));
  return {
    patterns: [...byPlace.values()].flatMap((all) => [...all.filter((it) => it.loading), ...all.filter((it) => !it.loading).slice(0, MOST_OF_A_PLACE)]),
    missed: [...byPlace].flatMap(([at, all]) => (all.length === 0 ? [at] : [])),
  };
}

async function main() {
  const seen = new Map();
  let count = 0;
  const builtAt = [];
  const named = process.argv.slice(2).filter((it) => !it.startsWith('--'));
  for (const path of filesOf(named)) {
    const text = readFileSync(path, 'utf8');
    const { literals, built } = patternsOf(path, text);
    const isOurs = !relative(root, path).startsWith('dist');
    for (const at of built) if (isOurs) builtAt.push(`${relative(root, path)}:${lineOf(text, at)}`);
    for (const { pattern, flags, at } of literals) {
      count += 1;
      const key = `/${pattern}/${flags}`;
      if (!seen.has(key)) seen.set(key, { pattern, flags, at: `${relative(root, path)}:${lineOf(text, at)}` });
    }
  }
  const { patterns, missed } = builtAt.length === 0 ? { patterns: [], missed: [] } : await checkedOf(builtAt);
  for (const it of patterns) seen.set(`/${it.pattern}/${it.flags}`, it);
  const queue = [...seen];
  let bad = missed.length;
  for (const it of missed) console.log(`${it}\n    makes a pattern that the run never came to: an example must lead there`);
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
  console.log(`${count} literals; ${builtAt.length} places make patterns from strings, ${patterns.length} of them checked; ${seen.size} different in all`);
  console.log(`${seen.size + missed.length - bad} passed, ${bad} failed`);
  return bad === 0 ? 0 : 1;
}

if (existsSync(process.argv[1] ?? '') && fileURLToPath(import.meta.url) === process.argv[1]) process.exit(await main());
