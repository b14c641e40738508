// Nothing in a repository lets Attest out: a review runs under `strace` in a network namespace without a network, over a
// workspace that tries to lead it outside, and every system call that opens, writes, starts or connects is checked.
//
//   npm run trust -- sealed
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function have(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** A workspace whose every name points outside. */
function workspace() {
  const folder = mkdtempSync(join(tmpdir(), 'attest-sealed-'));
  const outside = join(folder, 'outside');
  const inside = join(folder, 'inside');
  mkdirSync(join(inside, 'tests'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.py'), 'import unittest\nclass Base(unittest.TestCase):\n    pass\n');
  writeFileSync(join(outside, 'test_outside.py'), 'def test_x():\n    eval(input())\n');
  symlinkSync(outside, join(inside, 'linked'));
  symlinkSync(join(outside, 'secret.py'), join(inside, 'tests', 'base.py'));
  symlinkSync(join(outside, 'test_outside.py'), join(inside, 'tests', 'test_linked.py'));
  symlinkSync('.', join(inside, 'tests', 'loop'));
  writeFileSync(
    join(inside, 'pyproject.toml'),
    '[project]\nname = "x"\n[tool.attest]\ninclude = ["../**/*.py"]\n[tool.setuptools.packages.find]\nwhere = ["../outside"]\n[tool.pytest.ini_options]\npythonpath = ["../outside", "/etc"]\n',
  );
  writeFileSync(
    join(inside, 'tests', 'test_a.py'),
    'from linked.secret import Base\nfrom tests.base import Base as Other\nfrom ...outside import secret\nimport secret\n\nclass TestA(Base, Other, secret.Base):\n    def test_a(self):\n        __import__("os").system("touch /tmp/owned")\n',
  );
  writeFileSync(join(inside, 'setup.py'), 'open("/tmp/owned-by-setup", "w")\n');
  writeFileSync(join(inside, 'conftest.py'), 'open("/tmp/owned-by-conftest", "w")\n');
  return { folder, inside, outside };
}

const CALLS =
  'openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,truncate,chmod,fchmodat,chown,execve,connect,sendto,sendmsg,bind,listen,socket';

function wrongCalls(trace, { folder, outside }, cache) {
  const wrong = [];
  for (const line of trace.split('\n')) {
    const call = /^(?:\[pid\s+\d+\]\s+|\d+\s+)?(\w+)\((.*)$/.exec(line);
    if (call === null) continue;
    const [, name, rest] = call;
    const path = /"((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? '';
    if (name === 'execve') {
      if (!/\/node(?:")/.test(rest) && !/"[^"]*\/node"/.test(rest)) wrong.push(line);
    } else if (['connect', 'sendto', 'sendmsg', 'bind', 'listen', 'socket'].includes(name)) {
      if (/AF_INET|sin_addr/.test(rest)) wrong.push(line);
    } else if (name === 'openat' || name === 'open') {
      if (path.startsWith(outside)) wrong.push(line);
      if (/O_WRONLY|O_RDWR|O_CREAT/.test(rest) && !path.startsWith(cache) && !/^\/dev\/(?:null|tty)/.test(path) && !/^\/proc\/|^\/sys\//.test(path))
        wrong.push(line);
    } else if (!path.startsWith(cache)) wrong.push(line);
  }
  return wrong.filter((it) => !it.includes('ENOENT') || it.includes(folder));
}

function main() {
  for (const tool of ['strace', 'unshare']) {
    if (have(tool)) continue;
    if (spawnSync('apt-get', ['install', '-y', tool], { stdio: 'ignore' }).status !== 0) {
      console.log(`skipped: ${tool} cannot be had here`);
      console.log('0 passed, 0 failed, 1 skipped');
      return 0;
    }
  }
  const place = workspace();
  const cache = join(place.folder, 'cache');
  const trace = join(place.folder, 'trace');
  let failed = 0;
  const runs = [
    ['a review', ['review', '.', '--format', 'json']],
    ['a review of all files', ['review', '.', '--all-files', '--format', 'markdown']],
    ['a review with the root named', ['review', '--root', '.', 'tests/test_a.py']],
    // Shows that the trace would tell.
    ['a report asked for outside of the cache is noticed', ['review', '.', '--output', join(place.folder, 'report.txt')], true],
  ];
  for (const [name, args, control] of runs) {
    const { status, stdout, stderr, error } = spawnSync(
      'unshare',
      ['-n', 'strace', '-f', '-qq', '-e', `trace=${CALLS}`, '-s', '300', '-o', trace, process.execPath, join(root, 'dist', 'cli.js'), ...args],
      { cwd: place.inside, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: place.folder, XDG_CACHE_HOME: cache } },
    );
    const wrong = error === undefined ? wrongCalls(readFileSync(trace, 'utf8'), place, cache) : [String(error)];
    if (stdout.includes('outside/')) wrong.push('the report speaks of a file outside of the root');
    if (![0, 1, 2].includes(status)) wrong.push(`exit code ${status}: ${stderr}`);
    const good = control === true ? wrong.some((it) => it.includes('report.txt')) : wrong.length === 0;
    console.log(`${good ? 'ok    ' : 'FAILED'} ${name}`);
    if (good) continue;
    failed += 1;
    for (const it of wrong.slice(0, 10)) console.log(`    ${it}`);
  }
  rmSync(place.folder, { recursive: true, force: true });
  console.log(`${runs.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exit(main());
