/** A long text that is edited says what the string says that the same edits make. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../rules/index.ts';
import { createDocuments } from '../server/documents.ts';
import { unitsAfter, unitsOf } from '../server/model/frame.ts';
import { createOrdinaryEngine } from '../server/review/engine.ts';
import { LineIndex } from '../server/review/line-index.ts';
import { suppressionsOf } from '../server/review/suppress.ts';
import { resplit, split } from '../server/syntax/split.ts';
import { differenceOf, edited, isSameText, type Text } from '../server/syntax/text.ts';
import { diagnosticsOf } from '../server/views/diagnostics.ts';
import { positionsOf } from '../server/views/positions.ts';
import { newEngine } from './harness.ts';

const PIECE = `
# noqa: S105
class TestHarbour(Base):
    """Tides."""
    berth = "north"  # nosec B105

    @mock.patch("harbour.tide")
    def test_arrival(self, tide):
        tide.return_value = {  # attest: ignore[MCK001] the harbour's own
            "high": 3,
        }
        self.assertEqual("é😀", arrive(\`3\`))

if TIDES:
    pass
else:
    run()
elsewhere = 1
classic = definitely(
    default=2,
)  # noqa
`.replaceAll('`', "'");
const LONG = PIECE.repeat(300);
const TYPED = ['x', '"', '"""', '(', ')', '\n', '\r', '\r\n', '    ', 'class B:\n', 'else:\n', '# noqa\n', '😀', '\ud83d', ''];

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

interface Step {
  readonly text: Text;
  readonly string: string;
  readonly before: Text;
  readonly stringBefore: string;
}

/** Edits that follow each other as typing does, with a jump now and then; some take much away or bring much. */
function* edits(count: number, seed: number): Iterable<Step> {
  const random = randomOf(seed);
  let text: Text = LONG;
  let string = LONG;
  let at = 0;
  for (let round = 0; round < count; round++) {
    at = random(12) === 0 ? random(string.length + 1) : Math.min(string.length, Math.max(0, at + random(40) - 15));
    const end = Math.min(string.length, at + (random(30) === 0 ? random(30_000) : random(4)));
    const inserted = random(40) === 0 ? PIECE.repeat(random(60)) : (TYPED[random(TYPED.length)] ?? '');
    const [before, stringBefore] = [text, string];
    text = edited(text, at, end, inserted);
    string = string.slice(0, at) + inserted + string.slice(end);
    at += inserted.length;
    yield { text, string, before, stringBefore };
    if (string.length < 100_000) [text, string] = [LONG, LONG];
  }
}

test('parts, characters and the whole are the same', () => {
  assert.ok(LONG.length > 100_000);
  const random = randomOf(7);
  for (const { text, string } of edits(3000, 1)) {
    assert.equal(text.length, string.length);
    for (let look = 0; look < 6; look++) {
      const start = random(string.length + 2);
      const end = look < 3 ? start + random(50) : random(string.length + 2);
      assert.equal(text.slice(start, end), string.slice(start, end));
      assert.equal(text.charCodeAt(start) || -1, string.charCodeAt(start) || -1);
    }
    assert.equal(text.slice(string.length - 20), string.slice(string.length - 20));
    if (random(10) === 0) assert.equal(text.toString(), string);
  }
});

test('a difference makes one text of the other', () => {
  for (const { text, string, before, stringBefore } of edits(2000, 2)) {
    const { start, end, length } = differenceOf(text, before);
    assert.ok(start <= end && end <= stringBefore.length && start + length <= string.length);
    assert.equal(stringBefore.slice(0, start) + string.slice(start, start + length) + stringBefore.slice(end), string);
  }
});

/** What is asked of edited texts meanwhile: how often for the whole, and for how long a part at most. */
function watched(run: () => void): { readonly wholes: number; readonly longest: number } {
  const its = Object.getPrototypeOf(edited(LONG, 0, 0, 'x')) as Text;
  const { slice, toString: whole } = its;
  let [wholes, longest] = [0, 0];
  its.toString = function (this: Text) {
    wholes += 1;
    return whole.call(this);
  };
  its.slice = function (this: Text, start: number, end?: number) {
    const part = slice.call(this, start, end);
    longest = Math.max(longest, part.length);
    return part;
  };
  try {
    run();
  } finally {
    its.slice = slice;
    its.toString = whole;
  }
  return { wholes, longest };
}

/** Text of several short parts at most. */
const SHORT = 6 * PIECE.length;

test('neither typing nor what follows from a key asks for the whole text', async () => {
  const options = { uriOf: (path: string) => path, severityOf: () => undefined, related: true };
  const engine = await newEngine();
  const documents = createDocuments(() => 'utf-16');
  const [uri, path] = ['file:///tests/unit/test_harbour.py', 'tests/unit/test_harbour.py'];
  const textDocument = { uri, languageId: 'python', version: 1 };
  engine.put(path, documents.open({ ...textDocument, text: LONG }).text);
  engine.review(path);
  const reviewed = (text: string, line: number, character: number) => {
    const start = { line, character };
    const document = documents.change({ textDocument, contentChanges: [{ range: { start, end: start }, text }] });
    assert.ok(document !== undefined && typeof document.text !== 'string');
    engine.put(path, document.text);
    return diagnosticsOf(engine.review(path), { ...options, positions: document.positions }).length;
  };
  const line = PIECE.split('\n').indexOf('            "high": 3,') + 150 * (PIECE.split('\n').length - 1);
  let found = 0;
  const typing = watched(() => {
    for (const [index, key] of [...'"low": tide("spring"), # 4'].entries()) found = reviewed(key, line, index);
  });
  assert.ok(found > 0);
  assert.equal(typing.wholes, 0);
  assert.ok(typing.longest > 0 && typing.longest < SHORT, `${typing.longest} of ${LONG.length} characters`);
  const last = PIECE.split('\n').length * 300 - 300;
  // The first key elsewhere makes what is there to what was there before.
  reviewed('x', last, 0);
  assert.equal(watched(() => [...' = 1'].forEach((key, index) => void reviewed(key, last, index + 1))).wholes, 0);
});

test('what is typed and taken back is the same text, and brings no new review', async () => {
  const typed = edited(edited(LONG, 500, 500, 'tide'), 504, 504, 's');
  const back = edited(edited(typed, 504, 505, ''), 500, 504, '');
  assert.notEqual(back, LONG);
  assert.ok(isSameText(back, LONG) && isSameText(LONG, back) && isSameText(undefined, undefined));
  assert.ok(!isSameText(typed, LONG) && !isSameText(back, undefined) && !isSameText(edited(LONG, 9, 10, '~'), LONG));
  const engine = createOrdinaryEngine({ rules: RULES }, () => undefined);
  engine.put('test_harbour.py', LONG);
  const review = engine.review('test_harbour.py');
  engine.put('test_harbour.py', back);
  assert.equal(engine.review('test_harbour.py'), review);
});

test('a difference is told across many edits, and where the whole was asked for', () => {
  const first = edited(LONG, 10, 10, 'a');
  const second = edited(first, 11, 11, 'b');
  assert.deepEqual(differenceOf(second, LONG), { start: 10, end: 10, length: 2 });
  const asked = watched(() => void differenceOf(second, first));
  assert.ok(asked.wholes === 0 && asked.longest < 10);
  second.toString();
  const third = edited(second, 40_000, 40_001, '');
  assert.deepEqual(differenceOf(third, second), { start: 40_000, end: 40_001, length: 0 });
  assert.deepEqual(differenceOf(third, third.toString()), { start: third.length, end: third.length, length: 0 });
});

test('units, lines, positions and comments are those of the string', () => {
  let cut = split(LONG);
  let units = unitsOf(LONG);
  let lines = new LineIndex(LONG);
  let positions = positionsOf(LONG, 'utf-8');
  let last: Text = LONG;
  const random = randomOf(9);
  for (const { text, string, before } of edits(400, 3)) {
    if (before !== last) {
      cut = split(before.toString());
      units = unitsOf(before);
      lines = new LineIndex(before);
      positions = positionsOf(before, 'utf-8');
    }
    const { units: again, replaced } = resplit(text, before, cut);
    assert.deepEqual(again, split(string));
    const after = unitsAfter(text, before, units);
    lines = lines.after(text, replaced);
    positions = positions.after(text, replaced);
    const fresh = new LineIndex(string);
    assert.equal(lines.count, fresh.count);
    assert.equal(lines.loneReturn, fresh.loneReturn);
    const freshPositions = positionsOf(string, 'utf-8');
    for (let look = 0; look < 10; look++) {
      const at = random(string.length + 1);
      assert.equal(lines.lineAt(at), fresh.lineAt(at));
      const position = positions.at(at);
      assert.deepEqual(position, freshPositions.at(at));
      assert.equal(positions.offset(position), freshPositions.offset(position));
    }
    assert.deepEqual(
      after.units.map(({ key, text: its }) => [key, its]),
      unitsOf(string).map(({ key, text: its }) => [key, its]),
    );
    assert.deepEqual(suppressionsOf(text, lines, after.units), suppressionsOf(string, fresh, unitsOf(string)));
    [cut, units, last] = [again, after.units, text];
  }
});
