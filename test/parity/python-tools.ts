/** Bandit's examples with the results of a run on them, and the fixtures of Ruff's flake8-bandit rules with their snapshots. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Found, Sample } from './peer.ts';

/** `bandit -r examples --ignore-nosec -f json`: file, line range and id of each finding. */
export function banditSamples(folder: string, results: string): Sample[] {
  const { results: all } = JSON.parse(readFileSync(results, 'utf8')) as {
    results: { filename: string; test_id: string; line_number: number; line_range: number[] }[];
  };
  const byFile = new Map<string, Found[]>();
  for (const it of all) {
    const found = { id: it.test_id, line: Math.min(it.line_number, ...it.line_range), endLine: Math.max(it.line_number, ...it.line_range) };
    const name = it.filename.slice(it.filename.indexOf('examples/') + 'examples/'.length);
    byFile.set(name, [...(byFile.get(name) ?? []), found]);
  }
  return [...byFile].map(([name, found]) => ({
    peer: 'bandit',
    name,
    code: readFileSync(join(folder, name), 'utf8'),
    found,
    about: [...new Set(found.map((it) => it.id))],
  }));
}

const HEAD = /^(S\d{3}) .*(?:\n(?!\s*-->).*){0,8}\n\s*--> ([\w.]+):(\d+):\d+/gm;

/** One sample for each snapshot: the fixture, and where that rule reports. */
export function ruffSamples(root: string): Sample[] {
  const snapshots = join(root, 'crates/ruff_linter/src/rules/flake8_bandit/snapshots');
  const fixtures = join(root, 'crates/ruff_linter/resources/test/fixtures/flake8_bandit');
  const samples: Sample[] = [];
  for (const it of readdirSync(snapshots).sort()) {
    // Snapshots of the preview mode say only what it changes.
    const id = it.includes('preview') ? undefined : /__(S\d{3})_S\d{3}\.py\.snap$/.exec(it)?.[1];
    const fixture = join(fixtures, `${id}.py`);
    if (id === undefined || !existsSync(fixture)) continue;
    const found = [...readFileSync(join(snapshots, it), 'utf8').matchAll(HEAD)].flatMap(([, rule = '', , line = '']) =>
      rule === id ? [{ id, line: Number(line), endLine: Number(line) }] : [],
    );
    samples.push({
      peer: 'ruff',
      name: basename(fixture),
      code: readFileSync(fixture, 'utf8'),
      found,
      about: [id],
    });
  }
  return samples;
}
