/** Attest as a process of its own, on small folders that are removed again. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { RULES } from '../rules/index.ts';
import { withoutMarks } from '../server/views/explain.ts';
import { fullId } from '../server/views/named.ts';

export const CLI = join(__dirname, '..', 'cli.js');
export const CLEAN = 'import unittest\n\n\nclass SumTest(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(2, 1 + 1)\n';

/** Reviews are kept here, away from the user's own. */
const CACHE = mkdtempSync(join(tmpdir(), 'attest-cache-'));
const folders: string[] = [CACHE];
after(() => {
  for (const it of folders) rmSync(it, { recursive: true, force: true });
});

/** A new folder with these files; its real path. */
export function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'attest-cli-')));
  folders.push(root);
  for (const [path, content] of Object.entries({ 'pyproject.toml': '', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

export function attest(cwd: string, ...words: readonly string[]) {
  return attestWith({}, cwd, ...words);
}

/** With standard input, or more of an environment. */
export function attestWith(
  more: { readonly input?: string | Uint8Array; readonly env?: Readonly<Record<string, string>> },
  cwd: string,
  ...words: readonly string[]
) {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    cwd,
    encoding: 'utf8',
    env: { PATH, XDG_CACHE_HOME: CACHE, ...more.env },
    input: more.input ?? '',
    timeout: 60_000,
  });
  return { code: status, out: stdout, err: stderr };
}

export const isRoot = process.getuid?.() === 0;

/** As a user for whom permissions count: root gives up its right to pass them. */
export function attestAsUser(cwd: string, ...words: readonly string[]) {
  if (!isRoot) return attest(cwd, ...words);
  const { status, stderr } = spawnSync('setpriv', ['--bounding-set=-all', '--inh-caps=-all', process.execPath, CLI, ...words], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, err: stderr };
}

export interface Report {
  readonly schema: string;
  readonly files: readonly {
    readonly path: string;
    readonly verdict: string;
    readonly categories: readonly {
      readonly findings: readonly { readonly rule: string; readonly kind: string; readonly level: string; readonly line: number; readonly message: string }[];
    }[];
    readonly notes: readonly string[];
    readonly blind: readonly { readonly what: string }[];
  }[];
  readonly summary: { readonly verdict: string; readonly files: number };
}

export function reportOf(text: string): Report {
  return JSON.parse(text);
}

/** A rule that finds defects, and the file that shows one. */
export function defect(): { readonly rule: string; readonly source: string } {
  for (const rule of RULES) {
    for (const example of rule.examples) {
      if (rule.kind === 'fail' && 'bad' in example && typeof example.bad === 'string') return { rule: fullId(rule), source: withoutMarks(example.bad) };
    }
  }
  return assert.fail('no rule has an example of a defect');
}
