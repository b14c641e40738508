/** The review of many files: equal whoever did it, kept between runs as long as it holds, and nothing on disk that was not asked for. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { after, test } from 'node:test';
import pico from 'picocolors';
import { RULES } from '../rules/index.ts';
import { clearCache, userCacheFolder } from '../server/cache-folder.ts';
import { FORMATS } from '../server/formats.ts';
import { inTime, OutOfPatience } from '../server/patience.ts';
import { progressBar } from '../server/progress-bar.ts';
import { findingsOf, type Review } from '../server/review/review.ts';
import { createThreadPool } from '../server/thread-pool.ts';
import type { TreeResult } from '../server/tree.ts';
import { reviewTree, type TreeReviewOptions } from '../server/tree-review.ts';
import { withoutMarks } from '../server/views/explain.ts';
import { fullId } from '../server/views/named.ts';
import { newEngine, ROOT, settle } from './harness.ts';

const CLI = join(ROOT, 'dist/cli.js');

const folders: string[] = [];
after(() => {
  for (const it of folders) rmSync(it, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'attest-tree-')));
  folders.push(root);
  write(root, files);
  return root;
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** What each rule shows first, as a test file each; padded so that threads are worth starting. */
function examples(padding: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (const rule of RULES) {
    const source = rule.examples.map((it) => ('bad' in it ? it.bad : it.good)).find((it) => typeof it === 'string');
    if (source !== undefined) files[`tests/test_${rule.id.replaceAll('-', '_')}.py`] = `${withoutMarks(source)}\n${`# ${'-'.repeat(77)}\n`.repeat(padding)}`;
  }
  return files;
}

async function run(
  root: string,
  paths: readonly string[],
  options: Partial<TreeReviewOptions> = {},
): Promise<{ readonly reviews: Review[]; readonly done: string[]; readonly results: readonly TreeResult[] }> {
  const done: string[] = [];
  const results = await reviewTree(
    paths.map((path) => ({ path, anyFile: false, named: false })),
    {
      start: { root, off: [], required: [], shown: new Map() },
      bundle: CLI,
      jobs: 1,
      cache: undefined,
      version: '0.0.0',
      progress: (_done, _total, path) => done.push(path),
      ...options,
    },
  );
  return { reviews: results.flatMap((it) => it.review?.() ?? []), done: done.sort(), results };
}

/** All that any window shows of the reviews. */
function shown(reviews: readonly Review[]): string {
  const context = {
    version: '0.0.0',
    rules: RULES,
    colors: pico.createColors(false),
    nameOf: (path: string) => path,
    quiet: false,
    failing: ['fail'],
    sarifKinds: ['fail'],
    prefix: '',
    notes: [],
  } as const;
  const formats = Object.values(FORMATS).map((render) => render(reviews, context));
  const findings = reviews
    .flatMap(findingsOf)
    .map((it) => JSON.stringify([it.rule, it.start, it.end, it.within, it.fingerprint, it.trail, it.suppressed, it.fix]));
  return [...formats, ...findings].join('\n');
}

/** For a message that can be read: the texts are long. */
function firstDifference(a: string, b: string): string | undefined {
  const [left, right] = [a.split('\n'), b.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  return at < 0 && left.length === right.length ? undefined : `${left[at]}\n${right[at]}`;
}

function attest(cwd: string, cache: string, ...words: readonly string[]) {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { cwd, encoding: 'utf8', env: { PATH, XDG_CACHE_HOME: cache } });
  return { code: status, out: stdout, err: stderr };
}

// --------------------------------------------------------------------------------------------- equality

test('text that is no ordinary Python is read all the same, in the file or in one that it looks into', async () => {
  const files = {
    'tests/test_a.py': 'import requests\n\n\ndef test_a():\n    requests.get("https://harbour-shipping.com", verify=False)\n',
    'tests/test_b.py':
      'import requests\n\n\ndef test_b(seen):\n    match seen:\n        case 1:\n            requests.get("https://harbour-shipping.com", verify=False)\n',
    'tests/test_c.py': 'from tests.base import Base\n\n\nclass TestC(Base):\n    def test_c(self):\n        self.session.get("https://harbour-shipping.com")\n',
    'tests/base.py':
      'import unittest\nimport requests\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        match self.id():\n            case _:\n                self.session = requests.Session()\n        self.session.verify = False\n',
  };
  const root = folder(files);
  const engine = await newEngine();
  for (const [path, text] of Object.entries(files)) engine.put(path, text);
  for (const paths of [['tests/test_a.py', 'tests/test_b.py'], ['tests/test_c.py', 'tests/test_a.py'], ['tests/test_c.py']]) {
    const { reviews } = await run(root, paths);
    const expected = paths.map((it) => settle(engine, it, root));
    assert.ok(expected.every((it) => findingsOf(it).length > 0));
    assert.equal(firstDifference(shown(reviews), shown(expected)), undefined);
  }
});

test('one thread or four, kept or fresh: the same reviews with the same fixes and trails', async () => {
  const files = examples(30);
  const root = folder(files);
  const cache = folder();
  const paths = Object.keys(files).sort();
  const engine = await newEngine();
  const direct = shown(
    paths.map((path) => {
      engine.put(path, files[path]);
      return settle(engine, path, root);
    }),
  );
  assert.ok(direct.includes('{"title":'), 'some example has a fix');
  for (const jobs of [1, 2, 4]) {
    const { reviews, done } = await run(root, paths, { jobs });
    assert.equal(done.length, paths.length);
    assert.equal(firstDifference(shown(reviews), direct), undefined, `${jobs} threads give something else`);
  }
  await run(root, paths, { jobs: 4, cache });
  const kept = await run(root, paths, { jobs: 2, cache });
  assert.deepEqual(kept.done, []);
  assert.equal(firstDifference(shown(kept.reviews), direct), undefined, 'what was kept is something else');
});

test('results come in the order asked; what is no test code, cannot be read or is not there is said', async () => {
  const root = folder({ 'b.py': 'x = 1\n', 'tests/test_a.py': 'def test_a():\n    assert f() == 1\n' });
  writeFileSync(join(root, 'tests/test_z.py'), Uint8Array.of(0xff, 0xfe, 0));
  const asked = [
    { path: 'tests/test_z.py', anyFile: false, named: false },
    { path: 'b.py', anyFile: false, named: false },
    { path: 'tests/test_a.py', anyFile: false, named: false },
    { path: 'gone.py', anyFile: false, named: true },
  ];
  const results = await reviewTree(asked, {
    start: { root, off: [], required: [], shown: new Map() },
    bundle: CLI,
    jobs: 1,
    cache: undefined,
    version: '0.0.0',
  });
  assert.deepEqual(
    results.map((it) => it.blind?.what ?? it.review?.()?.verdict ?? 'no test'),
    ['not-utf8', 'no test', 'clear', 'unreadable'],
  );
});

test('rules that are off find nothing, also from what was kept with them on', async () => {
  const rule = RULES.find((it) => it.kind === 'fail' && it.examples.some((example) => 'bad' in example && typeof example.bad === 'string'));
  assert.ok(rule !== undefined);
  const example = rule.examples.find((it) => 'bad' in it);
  const root = folder({ 'tests/test_a.py': example !== undefined && 'bad' in example ? withoutMarks(String(example.bad)) : '' });
  const cache = folder();
  const rules = async (off: readonly string[]) => {
    const { reviews } = await run(root, ['tests/test_a.py'], { cache, start: { root, off, required: [], shown: new Map() } });
    return reviews.flatMap(findingsOf).map((it) => it.rule);
  };
  assert.ok((await rules([])).includes(fullId(rule)));
  assert.ok(!(await rules([fullId(rule)])).includes(fullId(rule)));
});

// -------------------------------------------------------------------------------------------- kept reviews

const HELPED = {
  'tests/base.py': 'import unittest\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        super().setUp()\n',
  'tests/test_a.py':
    'from tests.base import Base\nfrom tests import later\n\n\nclass TestA(Base):\n    def test_a(self):\n        self.assertEqual(1, later.x())\n',
  'tests/test_b.py': 'def test_b():\n    assert f() == 1\n',
  'tests/unrelated.py': 'x = 1\n',
};

test('a review is done again when its file or what it looked into changes, appears or goes, and only then', async () => {
  const root = folder(HELPED);
  const cache = folder();
  const paths = ['tests/test_a.py', 'tests/test_b.py'];
  const again = async () => (await run(root, paths, { cache })).done;
  assert.deepEqual(await again(), paths);
  assert.deepEqual(await again(), []);
  write(root, { 'tests/unrelated.py': 'x = 2\n' });
  assert.deepEqual(await again(), []);
  write(root, { 'tests/base.py': `${HELPED['tests/base.py']}        self.y = 1\n` });
  assert.deepEqual(await again(), ['tests/test_a.py']);
  assert.deepEqual(await again(), []);
  write(root, { 'tests/later.py': 'def x():\n    return 1\n' });
  assert.deepEqual(await again(), ['tests/test_a.py']);
  rmSync(join(root, 'tests/base.py'));
  assert.deepEqual(await again(), ['tests/test_a.py']);
  write(root, { 'tests/test_b.py': 'def test_b():\n    assert g() == 1\n' });
  assert.deepEqual(await again(), ['tests/test_b.py']);
  assert.deepEqual(await again(), []);
});

test('a review is done again when a folder appears that its names could come from', async () => {
  const root = folder({ 'tests/test_a.py': 'from far.off import base\n\n\ndef test_a():\n    assert base.f() == 1\n' });
  const cache = folder();
  const again = async () => {
    const { done, results } = await run(root, ['tests/test_a.py'], { cache });
    return [done.length, results.map((it) => it.looksInto?.(new Set(['far/off/base.py'])))];
  };
  assert.deepEqual(await again(), [1, [true]]);
  assert.deepEqual(await again(), [0, [true]]);
  write(root, { far: 'a file of that name\n' });
  assert.deepEqual(await again(), [0, [true]]);
  rmSync(join(root, 'far'));
  write(root, { 'far/other.py': '' });
  assert.deepEqual(await again(), [1, [true]]);
  write(root, { 'far/off/base.py': 'def f():\n    return 1\n' });
  assert.deepEqual(await again(), [1, [true]]);
  assert.deepEqual(await again(), [0, [true]]);
});

test('what is shown in an editor goes before the disk, kept or not', async () => {
  const root = folder(HELPED);
  const cache = folder();
  const paths = ['tests/test_a.py', 'tests/test_b.py'];
  await run(root, paths, { cache });
  const typed = new Map([['tests/base.py', 'class Base:\n    pass\n']]);
  assert.deepEqual((await run(root, paths, { cache, start: { root, off: [], required: [], shown: typed } })).done, ['tests/test_a.py']);
  assert.deepEqual((await run(root, paths, { cache })).done, ['tests/test_a.py']);
});

test('a review of some files leaves what is kept of the others; of files that are gone nothing is kept', async () => {
  const root = folder(HELPED);
  const cache = folder();
  await run(root, ['tests/test_a.py'], { cache });
  await run(root, ['tests/test_b.py'], { cache });
  assert.deepEqual((await run(root, ['tests/test_a.py', 'tests/test_b.py'], { cache })).done, []);
  rmSync(join(root, 'tests/test_b.py'));
  write(root, { 'tests/base.py': '' });
  await run(root, ['tests/test_a.py'], { cache });
  assert.ok(!packOf(cache).toString('latin1').includes('test_b.py'));
});

function packOf(cache: string): Buffer {
  const [name] = readdirSync(cache);
  return readFileSync(join(cache, name ?? ''));
}

test('a damaged pack is as good as none, wherever it is damaged', async () => {
  const root = folder(HELPED);
  const cache = folder();
  const paths = ['tests/test_a.py', 'tests/test_b.py'];
  const good = shown((await run(root, paths, { cache })).reviews);
  const [name] = readdirSync(cache);
  const file = join(cache, name ?? '');
  const bytes = readFileSync(file);
  const damage = [
    Buffer.alloc(0),
    Buffer.from('attest-reviews/1\n'),
    Buffer.from('something else'),
    bytes.subarray(0, bytes.length >> 1),
    bytes.subarray(0, bytes.length - 1),
    ...Array.from({ length: 40 }, (_, index) => {
      const copy = Buffer.from(bytes);
      const at = Math.floor((index * (bytes.length - 1)) / 39);
      copy[at] = (copy[at] ?? 0) ^ 0x21;
      return copy;
    }),
  ];
  for (const [index, it] of damage.entries()) {
    writeFileSync(file, it);
    const { reviews, done } = await run(root, paths, { cache });
    assert.ok(shown(reviews) === good, `damage ${index}`);
    assert.ok(done.length > 0, `damage ${index} was not noticed`);
  }
  assert.deepEqual((await run(root, paths, { cache })).done, []);
});

test('a folder that cannot be written only means that nothing is kept', async () => {
  const root = folder(HELPED);
  symlinkSync('nowhere', join(root, 'dangling'));
  for (const it of ['tests/base.py', 'dangling']) {
    const cache = join(root, it, 'reviews');
    assert.equal((await run(root, ['tests/test_a.py'], { cache })).reviews.length, 1);
    assert.equal((await run(root, ['tests/test_a.py'], { cache })).done.length, 1);
  }
});

test('a pack that nobody used for a month is removed, and so are the leftovers of a run that was killed', async () => {
  const root = folder(HELPED);
  const cache = folder({ 'old.reviews': '', 'left.1.x.reviews.tmp': '', 'young.reviews': '', 'not-ours.txt': '' });
  const old = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000);
  for (const it of ['old.reviews', 'left.1.x.reviews.tmp', 'not-ours.txt']) utimesSync(join(cache, it), old, old);
  await run(root, ['tests/test_a.py'], { cache });
  const names = readdirSync(cache);
  assert.deepEqual(names.filter((it) => /^(?:old|left|young|not)/.test(it)).sort(), ['not-ours.txt', 'young.reviews']);
  assert.equal(clearCache(cache), 2);
  assert.deepEqual(readdirSync(cache), ['not-ours.txt']);
});

test('no secret of a source is kept, in messages or in fixes', async () => {
  const secret = 'xK9-qVt7LmZw2RbN4pYc8HdS';
  const root = folder({
    'tests/test_a.py': `import pytest\nimport client\n\n\ndef test_a():\n    with pytest.raises(Refused) as caught:\n        client.login()\n        assert caught.value.asked == dict(password='${secret}')\n    db_password = '${secret}'\n    client.connect('postgres://admin:${secret}@db.corp.example.net/x', password=db_password)\n`,
  });
  const cache = folder();
  const { reviews } = await run(root, ['tests/test_a.py'], { cache });
  const found = reviews.flatMap(findingsOf);
  assert.ok(
    found.some((it) => it.category === 'credentials' && it.kind !== 'pass'),
    'the secret is found',
  );
  assert.ok(
    found.some((it) => it.fix?.edits.some((edit) => edit.text.includes(secret)) === true),
    'a fix moves the line with the secret',
  );
  assert.ok(!packOf(cache).toString('utf8').includes(secret));
  const kept = await run(root, ['tests/test_a.py'], { cache });
  assert.deepEqual(kept.done, []);
  assert.ok(shown(kept.reviews) === shown(reviews));
});

test('packs are for their user alone', { skip: process.platform === 'win32' ? 'Windows has other permissions' : false }, async () => {
  const root = folder(HELPED);
  const cache = join(folder(), 'deep', 'attest');
  await run(root, ['tests/test_a.py'], { cache });
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  const [name] = readdirSync(cache);
  assert.equal(statSync(join(cache, name ?? '')).mode & 0o777, 0o600);
});

test('the cache is where the system wants it', () => {
  assert.equal(userCacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux'), join('/c', 'attest'));
  assert.equal(userCacheFolder({}, 'linux'), join(homedir(), '.cache', 'attest'));
  assert.equal(userCacheFolder({}, 'darwin'), join(homedir(), 'Library', 'Caches', 'attest'));
  assert.equal(userCacheFolder({ LOCALAPPDATA: 'L' }, 'win32'), join('L', 'attest', 'cache'));
});

// ---------------------------------------------------------------------------------------- command line

test('two runs at once share a cache; `--no-cache` keeps no review; `attest cache clear` empties it', async () => {
  const root = folder({ ...HELPED, 'pyproject.toml': '' });
  const cache = folder();
  const { PATH } = process.env;
  const both = await Promise.all(
    [1, 2].map(
      () =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, [CLI, 'review', '--format', 'json', '--fail-on', 'never'], { cwd: root, env: { PATH, XDG_CACHE_HOME: cache } });
          let out = '';
          child.stdout.setEncoding('utf8').on('data', (it: string) => {
            out += it;
          });
          child.on('close', () => resolve(out));
        }),
    ),
  );
  const { out: fresh } = attest(root, folder(), 'review', '--format', 'json', '--no-cache');
  assert.ok(fresh.startsWith('{'));
  assert.deepEqual(both, [fresh, fresh]);
  assert.equal(attest(root, cache, 'review', '--format', 'json').out, fresh);
  const kept = (it: string) =>
    readdirSync(join(it, 'attest'))
      .map((name) => extname(name))
      .sort();
  assert.deepEqual(kept(cache), ['.code', '.reviews']);
  const other = folder();
  attest(root, other, 'review', '--no-cache');
  assert.deepEqual(kept(other), ['.code']);
  const cleared = attest(root, cache, 'cache', 'clear');
  assert.deepEqual([cleared.code, cleared.err], [0, `attest: 2 files removed from ${join(cache, 'attest')}\n`]);
  assert.deepEqual(readdirSync(join(cache, 'attest')), []);
});

test('`--jobs` takes a number of threads and nothing else', () => {
  const root = folder({ 'tests/test_b.py': HELPED['tests/test_b.py'] });
  for (const it of ['0', '1.5', 'many', '-2', '65']) {
    const { code, err } = attest(root, folder(), 'review', '--jobs', it);
    assert.equal(code, 2);
    assert.match(err, /whole number from 1 to 64/);
  }
  assert.equal(attest(root, folder(), 'review', '--jobs', '3').code, 0);
});

// ----------------------------------------------------------------------------------------------- threads

test('a thread that dies takes one file with it', async () => {
  const root = folder({
    'thread.js': `require('node:worker_threads').parentPort.on('message', ({ job }) => {
      if (job === undefined) return;
      const { path } = job;
      if (path === 'die') process.exit(1);
      require('node:worker_threads').parentPort.postMessage({ blind: { what: 'unreadable', message: path, line: 1 } });
    });`,
  });
  const pool = createThreadPool(2, join(root, 'thread.js'));
  const start = { root, off: [], required: [], shown: new Map() };
  const outcomes = await Promise.all(['a', 'b', 'die', 'c', 'd', 'die', 'e'].map((path) => pool.run(start, { path, anyFile: false })));
  pool.close();
  assert.deepEqual(
    outcomes.map((it) => ('blind' in it ? it.blind.message : it.faulty)),
    ['a', 'b', true, 'c', 'd', true, 'e'],
  );
});

test('a thread that does not come to an end is ended, and one file is lost', async () => {
  const root = folder({
    'thread.js': `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ job }) => {
      if (job === undefined) return;
      if (job.path === 'hang') for (;;);
      parentPort.postMessage({ blind: { what: 'unreadable', message: job.path, line: 1 } });
    });`,
  });
  const pool = createThreadPool(1, join(root, 'thread.js'), 1_000);
  const start = { root, off: [], required: [], shown: new Map() };
  const outcomes = await Promise.all(['a', 'hang', 'b'].map((path) => pool.run(start, { path, anyFile: false })));
  pool.close();
  assert.deepEqual(
    outcomes.map((it) => ('blind' in it ? it.blind.message : JSON.parse(it.review).faults[0].message)),
    ['a', 'its review was stopped after 1 s', 'b'],
  );
});

test('what a thread has answered is heard, however long this one was at work itself', async () => {
  const root = folder({
    'thread.js': `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ job }) => {
      if (job !== undefined) parentPort.postMessage({ blind: { what: 'unreadable', message: job.path, line: 1 } });
    });`,
  });
  const pool = createThreadPool(1, join(root, 'thread.js'), 400);
  const start = { root, off: [], required: [], shown: new Map() };
  const all = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((path) => pool.run(start, { path, anyFile: false })));
  await pool.help(async (_start, { path }) => {
    for (const since = performance.now(); performance.now() - since < 900; );
    return { blind: { what: 'unreadable', message: path, line: 1 } };
  });
  const outcomes = await all;
  pool.close();
  assert.deepEqual(
    outcomes.map((it) => ('blind' in it ? it.blind.message : JSON.parse(it.review).faults[0].message)),
    ['a', 'b', 'c', 'd', 'e', 'f'],
  );
});

test('what never ends is stopped, wherever it stands; what ends gives its result', () => {
  assert.throws(
    () =>
      inTime(() => {
        for (;;);
      }, 20),
    OutOfPatience,
  );
  assert.throws(() => inTime(() => /(a+)+$/.test(`${'a'.repeat(60)}b`), 20), OutOfPatience);
  assert.throws(() => inTime(() => assert.fail('its own'), 1_000), /its own/);
  assert.equal(
    inTime(() => 3, 1_000),
    3,
  );
});

test('a bar is drawn on a terminal, in long runs, and is gone at the end', () => {
  const draw = (isTTY: boolean, quiet = false) => {
    let [out, time] = ['', 0];
    const terminal = { isTTY, columns: 50, write: (text: string) => (out += text) };
    const bar = progressBar(terminal, quiet, () => time);
    for (let done = 1; done <= 100; done++) {
      time += 20;
      bar.show(done, 100, `tests/\u001b[2J${'x'.repeat(40)}${done}.py`);
    }
    bar.end();
    return out;
  };
  assert.deepEqual([draw(false), draw(true, true)], ['', '']);
  const lines = draw(true).split('\r\u001b[K');
  assert.equal(lines[0], '');
  assert.equal(lines.at(-1), '');
  assert.ok(lines.length > 10 && lines.length < 30, `${lines.length}`);
  for (const it of lines) assert.ok(it.length < 50 && !it.includes('\u001b'), it);
  assert.match(lines[10] ?? '', /^█+░+ \d+ of 100 tests/);
});
