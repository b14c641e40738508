// `node test/shards.mjs [CORPUS…]`: real suites reviewed whole and in 4 and 16 parts, each part by a process of its own.
// Fails unless the merged reports equal the whole one byte for byte and no part has more than 1.25 times the mean of bytes,
// unless it is one file that is larger than that: a file is never cut.
// Prints a table in Markdown; processor seconds are of one run on one machine, everything else is the same everywhere.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpus } from './corpus.mjs';

const CLI = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli.js');
const COUNTS = [1, 4, 16];
const LARGEST = 1.25;
/** GNU time, for processor seconds; without it they are left out. */
const CLOCK = existsSync('/usr/bin/time') ? '/usr/bin/time' : undefined;

const named = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'attest-shards-'));
let failed = 0;

/** One review in a process; gives its processor seconds. */
function review({ root, tests }, output, format, part) {
  const words = [
    CLI,
    'review',
    tests,
    '--root',
    root,
    '--format',
    format,
    '--output',
    output,
    '--quiet',
    '--fail-on',
    'never',
    '--no-cache',
    '--jobs',
    '1',
    ...part,
  ];
  const [command, args] = CLOCK === undefined ? [process.execPath, words] : [CLOCK, ['-q', '-f', '%U %S', '-o', `${output}.time`, process.execPath, ...words]];
  return new Promise((done, fail) => {
    spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).on('close', (code) => {
      if (code > 2 || !existsSync(output)) fail(new Error(`attest ended with ${code}`));
      else
        done(
          CLOCK === undefined
            ? Number.NaN
            : readFileSync(`${output}.time`, 'utf8')
                .trim()
                .split(' ')
                .map(Number)
                .reduce((a, b) => a + b),
        );
    });
  });
}

function merged(files, output) {
  return spawnSync(process.execPath, [CLI, 'merge', ...files, '--output', output], { stdio: 'inherit' }).status === 0;
}

/** How much more than the mean the largest has. */
const largest = (loads) => Math.max(...loads) / (loads.reduce((a, b) => a + b) / loads.length);
const seconds = (it) => (Number.isNaN(it) ? '' : it.toFixed(1));
const same = (a, b) => existsSync(b) && readFileSync(a).equals(readFileSync(b));

console.log('| Suite | Files | Lines | Parts | Largest ÷ mean: bytes | lines | processor s | Processor s, all parts | Union |');
console.log('|---|--:|--:|--:|--:|--:|--:|--:|---|');
for (const name of named.length > 0 ? named : ['nova', 'cpython', 'twisted', 'pandas', 'distributed']) {
  const suite = corpus(name);
  if (suite.skipped !== undefined) {
    console.log(`skipped: ${name}: ${suite.skipped}`);
    continue;
  }
  const whole = join(scratch, `${name}.json`);
  await review(suite, whole, 'json', []);
  const { summary } = JSON.parse(readFileSync(whole, 'utf8'));
  for (const count of COUNTS) {
    const parts = Array.from({ length: count }, (_, index) => join(scratch, `${name}-${index + 1}-of-${count}.json`));
    const times = [];
    // Two at a time: more would only wait for each other here.
    const queue = parts.map((output, index) => () => review(suite, output, 'json', ['--shard', `${index + 1}/${count}`]).then((it) => times.push(it)));
    await Promise.all(
      [0, 1].map(async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next();
      }),
    );
    const reports = parts.map((it) => JSON.parse(readFileSync(it, 'utf8')));
    const bytes = reports.map((it) => it.files.reduce((sum, file) => sum + statSync(join(suite.root, file.path)).size, 0));
    const ratio = largest(bytes);
    const uncut = reports.some((it, index) => it.files.length === 1 && bytes[index] === Math.max(...bytes));
    const union = join(scratch, 'union.json');
    const equal = merged([...parts].reverse(), union) && same(whole, union);
    if (!equal || (ratio > LARGEST && !uncut)) failed += 1;
    const total = times.reduce((a, b) => a + b, 0);
    const ratios = [ratio, largest(reports.map((it) => it.summary.lines)), largest(times)].map((it) => (Number.isNaN(it) ? '' : it.toFixed(3)));
    console.log(`| ${name} | ${summary.files} | ${summary.lines} | ${count} | ${ratios.join(' | ')} | ${seconds(total)} | ${equal ? 'equal' : 'DIFFERENT'} |`);
    if (!equal) console.log(`kept: ${whole} ${union}`);
    for (const it of parts) rmSync(it, { force: true });
  }
  if (failed === 0) rmSync(whole);
}
if (failed === 0) rmSync(scratch, { recursive: true, force: true });
process.exit(failed === 0 ? 0 : 1);
