/** Bandit's examples with the results of a run on them, Ruff's fixtures with their snapshots, flake8-bugbear's files, and the lines that pygrep-hooks are tested with. */
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

const HEAD = /^([A-Z]+\d{3,4}) .*(?:\n(?!\s*-->).*){0,8}\n\s*--> ([\w.]+):(\d+):\d+/gm;

/** The rules of Ruff that the comparison is about, by the plug-in that they come from. */
const PLUGINS: Readonly<Record<string, RegExp>> = {
  flake8_bandit: /^S\d{3}$/,
  flake8_bugbear: /^B0(?:12|15|17|22)$/,
  flake8_pytest_style: /^PT0(?:10|11|12|17|31)$/,
  flake8_simplify: /^SIM115$/,
  pygrep_hooks: /^PGH005$/,
  pycodestyle: /^E722$/,
};

/** One sample for each snapshot: the fixture, and where that rule reports. */
export function ruffSamples(root: string): Sample[] {
  const linter = join(root, 'crates/ruff_linter');
  return Object.entries(PLUGINS).flatMap(([plugin, ids]) => {
    const snapshots = join(linter, 'src/rules', plugin, 'snapshots');
    return readdirSync(snapshots)
      .sort()
      .flatMap((it) => {
        // Snapshots of the preview mode say only what it changes, others are of one setting.
        const id = /preview|diff_|ipynb|_(?:extend|glob|replace)_/.test(it) ? undefined : /__([A-Z]+\d{3,4})(?:_[\w.]+)?\.snap$/.exec(it)?.[1];
        return id === undefined || !ids.test(id)
          ? []
          : ruffSample(join(linter, 'resources/test/fixtures', plugin), readFileSync(join(snapshots, it), 'utf8'), id);
      });
  });
}

function ruffSample(fixtures: string, snapshot: string, id: string): Sample[] {
  const found = [...snapshot.matchAll(HEAD)].filter(([, rule]) => rule === id);
  const name = found[0]?.[2];
  if (name === undefined || !existsSync(join(fixtures, name))) return [];
  return [
    {
      peer: 'ruff',
      name: basename(name),
      code: readFileSync(join(fixtures, name), 'utf8'),
      found: found.map(([, , , line]) => ({ id, line: Number(line), endLine: Number(line) })),
      about: [id],
    },
  ];
}

/** Every rule of flake8-bugbear that the catalogue names is compared but this one, of which it wants two sorts of statement only. */
const BEYOND: ReadonlySet<string> = new Set(['B018']);

/** Files in which a comment says what is found on its line: `# B017: 8`. */
export function bugbearSamples(root: string): Sample[] {
  const folder = join(root, 'tests/eval_files');
  return readdirSync(folder)
    .filter((it) => it.endsWith('.py'))
    .sort()
    .map((name) => {
      const code = readFileSync(join(folder, name), 'utf8');
      const found = code
        .split('\n')
        .flatMap((line, index) =>
          line.startsWith('#') ? [] : [...line.matchAll(/# (B\d{3}):/g)].map(([, id = '']) => ({ id, line: index + 1, endLine: index + 1 })),
        )
        .filter((it) => !BEYOND.has(it.id));
      return { peer: 'bugbear', name, code, found, about: [...new Set(found.map((it) => it.id))] };
    });
}

/** `@pytest.mark.parametrize('s', (…))` above `test_…_positive` and `test_…_negative`. */
export function pygrepSamples(root: string): Sample[] {
  const id = 'python-check-mock-methods';
  const text = readFileSync(join(root, 'tests/hooks_test.py'), 'utf8');
  const tests = text.matchAll(/parametrize\(\s*'s',\s*\(((?:(?!parametrize)[\s\S])*?)\n {4}\),\n\)\ndef test_python_check_mock_methods_(positive|negative)/g);
  return [...tests].flatMap(([, cases = '', verdict = '']) =>
    [...cases.matchAll(/^ {8}'(.*)',$/gm)].map(([, code = ''], index): Sample => {
      const found = verdict === 'positive' ? [{ id, line: 1, endLine: 1 }] : [];
      return { peer: 'pygrep-hooks', name: `hooks_test.py ${verdict} ${index + 1}`, code: `${code}\n`, found, about: [id] };
    }),
  );
}
