// `npm run corpora [-- --update] [NAME…]`: what Attest says of five real suites, as sorted text in `test/corpora/`: each
// finding as `path:line rule kind`, evidence as a count for each rule. Compares, or writes with `--update`, so that the effect
// of a change to a rule can be read as a difference. A suite of another version than the text was written from is skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTwoFilesPatch } from 'diff';
import { corpus } from './corpus.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CLI = join(here, '..', 'dist', 'cli.js');
const NAMES = ['nova', 'cpython', 'twisted', 'distributed', 'pandas'];

/** The findings of one review that are listed, in order. */
export function listed(path, findings) {
  return findings.filter((it) => it.kind !== 'pass').map((it) => `${path}:${it.line} ${it.rule} ${it.kind}`);
}

/** The package and version that the text of a corpus was written from, and its lines; undefined where there is none. */
export function recorded(name) {
  const file = join(here, 'corpora', `${name}.txt`);
  if (!existsSync(file)) return undefined;
  const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return { package: head.replace(/^# /, ''), lines };
}

/** Text, then number, so that line 9 stands before line 10. */
const byPlace = new Intl.Collator('en', { numeric: true }).compare;

function review({ root, tests }) {
  const scratch = mkdtempSync(join(tmpdir(), 'attest-corpora-'));
  const output = join(scratch, 'report.json');
  const args = ['review', tests, '--root', root, '--format', 'json', '--output', output, '--quiet', '--fail-on', 'never', '--no-cache'];
  const { status } = spawnSync(process.execPath, [CLI, ...args], { cwd: root, stdio: 'inherit' });
  if (!existsSync(output)) throw new Error(`attest ended with ${status}`);
  const { files } = JSON.parse(readFileSync(output, 'utf8'));
  rmSync(scratch, { recursive: true });
  return files;
}

/** The text of a corpus as it is now. */
function written(suite) {
  const lines = [];
  const passes = new Map();
  for (const file of review(suite)) {
    const findings = file.categories.flatMap((it) => it.findings);
    lines.push(...listed(file.path, findings));
    for (const it of findings) if (it.kind === 'pass') passes.set(it.rule, (passes.get(it.rule) ?? 0) + 1);
  }
  const evidence = [...passes].map(([rule, count]) => `${rule} pass ${count}`);
  return [`# ${suite.package} ${suite.version}`, ...lines.sort(byPlace), ...evidence.sort(byPlace), ''].join('\n');
}

function main(words) {
  if (spawnSync(process.execPath, [join(here, '..', 'esbuild.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) process.exit(1);
  const update = words.includes('--update');
  const named = words.filter((it) => !it.startsWith('--'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of named.length > 0 ? named : NAMES) {
    const suite = corpus(name);
    const before = recorded(name);
    const other =
      'skipped' in suite
        ? suite.skipped
        : !update && before?.package !== `${suite.package} ${suite.version}` && `${before?.package} is recorded, ${suite.package} ${suite.version} is here`;
    if (other) {
      console.log(`skipped: ${name}: ${other}`);
      counts.skipped += 1;
      continue;
    }
    const file = join(here, 'corpora', `${name}.txt`);
    const now = written(suite);
    const then = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (update) writeFileSync(file, now);
    if (now !== then) console.log(createTwoFilesPatch(`${name} recorded`, `${name} now`, then, now, undefined, undefined, { context: 0 }));
    counts[now === then || update ? 'passed' : 'failed'] += 1;
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (counts.failed > 0) console.log('If that is what you want: npm run corpora -- --update');
  process.exit(counts.failed === 0 ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
