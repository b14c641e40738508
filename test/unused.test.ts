/** Comments that suppress nothing are said, and only those. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticsOf } from '../server/views/diagnostics.ts';
import { positionsOf } from '../server/views/positions.ts';
import { attest, folder } from './command-line.ts';
import { newEngine, reviewFiles } from './harness.ts';

const engine = newEngine();
const CALL = 'record.called_once_with("transfer", 10)';
const file = (...lines: readonly string[]) =>
  `from unittest import mock\n\n\n@mock.patch("bank.audit.record")\ndef test_transfer(record):\n${lines.map((it) => `    ${it}\n`).join('')}`;

async function unused(source: string): Promise<(readonly [line: number, names: string])[]> {
  const { unused: found } = reviewFiles(await engine, { 'tests/unit/test_it.py': source });
  return found.map((it) => [it.line, it.names.length === 0 ? 'all' : it.names.join()]);
}

test('a comment that some finding needs is not unused, with or without a reason', async () => {
  for (const comment of ['ignore[mocking/misspelt-assertion] kept', 'ignore[mocking] kept', 'ignore[misspelt-assertion]'])
    assert.deepEqual(await unused(file(`${CALL}  # attest: ${comment}`)), [], comment);
});

test('a comment that no finding needs is unused, or some of its names are', async () => {
  assert.deepEqual(await unused(file('record(1)  # attest: ignore[mocking/misspelt-assertion] once needed')), [[6, 'all']]);
  assert.deepEqual(await unused(file(`${CALL}  # attest: ignore[mocking/misspelt-assertion, NET006] kept`)), [[6, 'NET006']]);
  assert.deepEqual(await unused(file(`${CALL}  # attest: ignore[mocking/mispelt-assertion] a name that is none`)), [[6, 'all']]);
  assert.deepEqual(await unused(`# attest: ignore-file[network] no reason left\n${file('record(1)')}`), [[1, 'all']]);
});

test('a comment that names no rule suppresses nothing, and is told what it lacks', async () => {
  for (const comment of ['ignore kept', 'ignore[] kept', 'ignore[ , ] kept'])
    assert.deepEqual(await unused(file(`${CALL}  # attest: ${comment}`)), [[6, 'all']]);
  for (const comment of ['ignore-file all is well', 'ignore-file[] all is well']) {
    const { code, out } = attest(folder({ 'tests/test_it.py': `# attest: ${comment}\n${file(CALL)}` }), 'review');
    assert.equal(code, 1, comment);
    assert.match(out, /all is well` suppresses nothing: it names no rule, as in `ignore\[/, comment);
  }
});

test('other tools have their own reasons; a file that was read in part proves nothing; names of configuration are not known here', async () => {
  assert.deepEqual(await unused(file('record(1)  # nosec B501', 'record(2)  # noqa: S501', 'record(3)  # NOSONAR')), []);
  assert.deepEqual(await unused(`${file('record(1)  # attest: ignore[NET006] why')}\n\ndef test_broken(:\n    assert (\n`), []);
  assert.deepEqual(await unused(`# attest: ignore-file[network/sockets-blocked-required] in the lab\n${file('record(1)')}`), []);
});

test('a name that no rule has is said, with what was probably meant', () => {
  const source = file(
    'record(1)  # attest: ignore[mocking/mispelt-assertion] once needed',
    'record(2)  # attest: ignore[NET006, netwrok] once needed',
    `${CALL}  # attest: ignore[misspelt-assertion, qqqqqq] kept`,
  );
  const { out } = attest(folder({ 'tests/test_it.py': source }), 'review');
  assert.match(out, /once needed` suppresses nothing: there is no rule `mocking\/mispelt-assertion`; did you mean `mocking\/misspelt-assertion`\?$/m);
  assert.match(out, /once needed` suppresses nothing: there is no rule `netwrok`; did you mean `network`\?$/m);
  assert.match(out, /`qqqqqq` suppresses nothing here: there is no rule `qqqqqq`$/m);
});

test('it is a faded hint in the editor, a line on the terminal, and data in JSON', async () => {
  const source = file('record(1)  # attest: ignore[NET006] once needed');
  const review = reviewFiles(await engine, { 'tests/unit/test_it.py': source });
  const options = { positions: positionsOf(source, 'utf-16'), uriOf: (path: string) => path, severityOf: () => undefined, related: true };
  const hint = diagnosticsOf(review, options).find((it) => it.code === 'suppression/unused');
  assert.deepEqual([hint?.severity, hint?.tags, hint?.range.start], [4, [1], { line: 5, character: 15 }]);
  const root = folder({ 'tests/test_it.py': source });
  const { code, out } = attest(root, 'review');
  assert.equal(code, 0);
  assert.match(out, /^ {2}6:16 {2}note {2}`# attest: ignore\[NET006\] once needed` suppresses nothing$/m);
  assert.match(out, /1 comment suppresses nothing$/m);
  const [reviewed] = JSON.parse(attest(root, 'review', '--format', 'json').out).files;
  assert.deepEqual(reviewed.unused, [{ text: '# attest: ignore[NET006] once needed', names: [], line: 6, column: 16, endLine: 6, endColumn: 52 }]);
});
