// What a test cannot do in a browser's worker.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from './assert.ts';

interface CommandLineReview {
  files: { path: string; categories: { findings: { rule: string; kind: string; line: number; column: number; suppressed: boolean }[] }[] }[];
}

/** What `attest review` says of a folder: the spots of each file that has any. */
export function ofCommandLine(extension: string, folder: string): Map<string, string> {
  const { stdout, stderr } = spawnSync(process.execPath, [join(extension, 'dist', 'cli.js'), 'review', '--format', 'json', '--root', folder, folder], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  assert.ok(stdout, stderr);
  const { files } = JSON.parse(stdout) as CommandLineReview;
  const shown = files.map(({ path, categories }): [string, string] => {
    const findings = categories.flatMap((it) => it.findings).filter((it) => it.kind !== 'pass' && !it.suppressed);
    return [
      path,
      findings
        .map((it) => `${it.line}:${it.column} ${it.rule}`)
        .sort()
        .join(', '),
    ];
  });
  return new Map(shown.filter(([, findings]) => findings !== ''));
}

/** Fills a folder with that many test files. */
export function manyTests(folder: string, count: number, text: string): void {
  mkdirSync(folder, { recursive: true });
  for (let it = 0; it < count; it++) writeFileSync(join(folder, `test_${it}.py`), text);
}

/** Milliseconds that a process has computed. */
export function computed(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10; // in hundredths of a second
}

/** The language server: the child of this extension host that runs it. */
export function serverPid(): number;
export function serverPid(other: number): number | undefined;
export function serverPid(other?: number): number | undefined {
  if (!existsSync('/proc/self/stat')) throw new assert.Skip('processes cannot be listed here');
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return ''; // it has ended meanwhile
    }
  };
  const children = readdirSync('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) &&
      read(`/proc/${pid}/stat`)
        .replace(/^.*\) \S /s, '')
        .startsWith(`${process.pid} `),
  );
  const servers = children.filter((pid) => read(`/proc/${pid}/cmdline`).includes('/dist/server.js')).map(Number);
  if (other !== undefined) return servers.find((it) => it !== other);
  const [pid] = servers;
  assert.ok(pid !== undefined, 'no server runs');
  return pid;
}
