/** What V8 compiled is kept between runs of the command line: it changes nothing but the time, and nothing foreign is run. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { attestWith, CLEAN, defect, folder } from './command-line.ts';

const root = folder({ 'tests/test_a.py': defect().source, 'tests/test_b.py': CLEAN });
const run = (home: string, env = {}) =>
  attestWith({ env: { XDG_CACHE_HOME: home, CI: '', ...env } }, root, 'review', '--no-cache', '--format', 'json', 'tests/test_a.py', 'tests/test_b.py');
const good = run(folder({}));
const files = (home: string) => readdirSync(join(home, 'attest')).map((it) => join(home, 'attest', it));

/** A home where the first run left its code. */
function used(): { readonly home: string; readonly file: string } {
  const home = folder({});
  assert.equal(run(home).out, good.out);
  const [file = '', ...others] = files(home);
  assert.match(file, /\.code$/);
  assert.deepEqual(others, []);
  return { home, file };
}

test('the second run uses what the first one kept, and says the same', () => {
  const { home, file } = used();
  const before = statSync(file);
  const second = run(home);
  assert.deepEqual([second.code, second.out], [good.code, good.out]);
  assert.deepEqual([statSync(file).ino, statSync(file).mtimeMs], [before.ino, before.mtimeMs]);
});

test('what a review of much text kept is used too', () => {
  const test = (number: number) => `def test_${number}():\n    with open('f${number}') as file:\n        assert file.read() == '${number}'\n\n\n`;
  const large = folder({ 'tests/test_large.py': Array.from({ length: 8_000 }, (_, number) => test(number)).join('') });
  const home = folder({});
  const review = () => attestWith({ env: { XDG_CACHE_HOME: home, CI: '' } }, large, 'review', '--no-cache', '--fail-on', 'never');
  assert.equal(review().code, 0);
  const [before = ''] = files(home);
  const { ino } = statSync(before);
  assert.equal(review().code, 0);
  assert.deepEqual(
    files(home).map((it) => statSync(it).ino),
    [ino],
  );
});

const DAMAGES: Readonly<Record<string, (file: string, bytes: Buffer) => void>> = {
  'cut off': (file, bytes) => truncateSync(file, bytes.length - 1),
  empty: (file) => truncateSync(file, 0),
  'one bit in another way': (file, bytes) => {
    const at = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(file, bytes);
  },
  'of another name': (file, bytes) => {
    const data = bytes.subarray(32);
    writeFileSync(file, Buffer.concat([createHash('sha256').update('another').update(data).digest(), data]));
  },
  'whole, and no code': (file) => {
    const data = Buffer.from('no code');
    writeFileSync(file, Buffer.concat([createHash('sha256').update(basename(file)).update(data).digest(), data]));
  },
  'one that others may write': (file) => chmodSync(file, 0o666),
};

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`a file that is ${what} is as good as none, and made anew`, { skip: process.platform === 'win32' && what.includes('others') }, () => {
    const { home, file } = used();
    const before = statSync(file);
    damage(file, readFileSync(file));
    const { code, out, err } = run(home);
    assert.deepEqual([code, out], [good.code, good.out], err);
    const after = statSync(file);
    assert.notEqual(after.ino, before.ino);
    assert.ok(after.size > before.size * 0.9);
    assert.equal(after.mode & 0o777, 0o600);
  });
}

test('nothing is taken from a folder that others may write to, or left in it', { skip: process.platform === 'win32' }, () => {
  const { home, file } = used();
  chmodSync(join(home, 'attest'), 0o777);
  truncateSync(file, 0);
  assert.equal(run(home).out, good.out);
  assert.equal(statSync(file).size, 0);
});

test('nothing is taken from a folder in a repository, which may have come with it, nor in a CI', () => {
  const { home, file } = used();
  truncateSync(file, 0);
  assert.equal(run(home, { CI: 'true' }).out, good.out);
  assert.equal(statSync(file).size, 0);
  mkdirSync(join(home, '.git'));
  assert.equal(run(home).out, good.out);
  assert.equal(statSync(file).size, 0);
});

test('nothing is kept of what compiles little, or where Node is told to keep nothing, and `cache clear` removes it', () => {
  const home = folder({});
  run(home, { NODE_DISABLE_COMPILE_CACHE: '1' });
  const words = (...it: string[]) => attestWith({ env: { XDG_CACHE_HOME: home, CI: '' } }, root, ...it);
  words('rules');
  words('cache', 'clear');
  assert.ok(!existsSync(join(home, 'attest')));
  run(home);
  assert.equal(words('cache', 'clear').err, `attest: 1 file removed from ${join(home, 'attest')}\n`);
  assert.deepEqual(files(home), []);
});
