/**
 * `npm run bench`: every goal of the engine and of the review of many files, measured beside the tools that hold it
 * elsewhere. Groups of rows can be run alone; what is not run keeps its earlier results.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpus } from '../corpus.mjs';
import type { Context, Group } from './context.ts';
import { edits } from './edits.ts';
import { growth } from './growth.ts';
import { cancel, memory, soak } from './live.ts';
import { machine, type Row } from './measure.ts';
import { peers } from './peers.ts';
import { page, type Results, table } from './report.ts';
import { review } from './review.ts';
import { start } from './start.ts';
import { tree } from './tree.ts';
import { typing } from './typing.ts';

const GROUPS: Readonly<Record<string, Group>> = { typing, review, start, tree, memory, growth, cancel, edits, soak };

async function main(words: readonly string[]): Promise<void> {
  const loadAtStart = loadavg();
  const nova = corpus('nova');
  if ('skipped' in nova) {
    console.log(`skipped: ${nova.skipped}`);
    return;
  }
  const wanted = words.includes('--only') ? (words[words.indexOf('--only') + 1] ?? '').split(',') : Object.keys(GROUPS);
  const unknown = wanted.filter((it) => !(it in GROUPS));
  if (unknown.length > 0) {
    console.log(`there is no group ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const project = join(__dirname, '..', '..');
  const scratch: string[] = [];
  const found = peers();
  const context: Context = {
    project,
    cli: join(project, 'dist/cli.js'),
    server: join(project, 'dist/server.js'),
    root: nova.root,
    tests: nova.tests,
    peers: found,
    quick: words.includes('--quick'),
    scratch() {
      const folder = mkdtempSync(join(tmpdir(), 'attest-bench-'));
      scratch.push(folder);
      return folder;
    },
  };
  const results = new Map<string, Row[]>();
  for (const name of wanted) {
    console.log(`\n${name}: load ${loadavg()[0]?.toFixed(1)}`);
    const rows = (await GROUPS[name]?.(context)) ?? [];
    results.set(name, rows);
    console.log(table(rows));
  }
  for (const it of scratch) rmSync(it, { recursive: true, force: true });
  if (!words.includes('--keep')) write(join(project, 'test/bench'), results, loadAtStart, found);
}

function write(folder: string, fresh: ReadonlyMap<string, readonly Row[]>, loadAtStart: readonly number[], found: Context['peers']): void {
  const file = join(folder, 'results.json');
  const before: { groups?: Record<string, Row[]> } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const groups = { ...before.groups, ...Object.fromEntries(fresh) };
  const rows = Object.keys(GROUPS).flatMap((it) => groups[it] ?? []);
  const skipped = Object.entries(found).flatMap(([name, it]) => (it === undefined ? [name] : []));
  const results: Results = { machine: machine(loadAtStart), skipped, rows };
  writeFileSync(file, `${JSON.stringify({ machine: results.machine, skipped, groups }, undefined, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), page(results));
}

void main(process.argv.slice(2));
