/** Positions of a text that an edit made are those of that text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineIndex } from '../server/review/line-index.ts';
import { positionsOf } from '../server/views/positions.ts';

const texts = fc.array(fc.constantFrom('a', 'é', '😀', '\n', '\r', '\r\n', 'b c', '\n\n'), { maxLength: 12 }).map((it) => it.join(''));

test('after an edit, line by line and offset by offset', () => {
  fc.assert(
    fc.property(texts, texts, fc.nat(), fc.nat(), fc.constantFrom('utf-16', 'utf-8'), (text, inserted, from, length, encoding) => {
      const start = from % (text.length + 1);
      const end = start + (length % (text.length - start + 1));
      const next = text.slice(0, start) + inserted + text.slice(end);
      const moved = positionsOf(text, encoding).after(next, { start, end, length: inserted.length });
      const fresh = positionsOf(next, encoding);
      for (let offset = 0; offset <= next.length; offset++) assert.deepEqual(moved.at(offset), fresh.at(offset));
      for (let line = 0; line <= next.length + 1; line++) assert.deepEqual(moved.line(line), fresh.line(line));
      const edited = new LineIndex(text).after(next, { start, end, length: inserted.length });
      assert.equal(edited.loneReturn, new LineIndex(next).loneReturn);
      const written = next
        .split(/\r\n|\r|\n/)
        .map((_, line) => fresh.line(line))
        .map((it) => it && next.slice(it.start, it.end));
      assert.deepEqual(written, next.split(/\r\n|\r|\n/));
    }),
    { numRuns: 2_000 },
  );
});
