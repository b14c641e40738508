/**
 * Every example of every rule: marks and findings of the rule agree, good examples are silent, fixes give
 * exactly the fixed text and end the finding. All rules run on every example; what others find there
 * (kinds `fail` and `review`) must be listed in `alsoFinds`. `kinds.txt` records the kinds of findings.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { RULES } from '../rules/index.ts';
import type { Example, Rule, Source } from '../rules/rule.ts';
import type { Engine } from '../server/review/engine.ts';
import type { PlacedFinding, PlacedFix } from '../server/review/review.ts';
import { withoutMarks } from './fixture.ts';
import { applyFix, check, draw, filesOf, newEngine, ROOT, reviewFiles } from './harness.ts';

let engine: Engine;
before(async () => {
  engine = await newEngine();
});

/** Of rules that speak in several kinds: which one each finding of their examples has. A weaker kind would else go unnoticed. */
const kinds: string[] = [];
const KINDS = join(ROOT, 'test/kinds.txt');

for (const rule of RULES) {
  describe(`${rule.category}/${rule.id}`, () => {
    test('has both bad and good examples', () => {
      assert.ok(
        rule.examples.some((it) => 'bad' in it),
        'no example of what it finds',
      );
      assert.ok(
        rule.examples.some((it) => 'good' in it),
        'no example of what it leaves alone',
      );
    });
    for (const example of rule.examples) test(example.name, () => checkExample(rule, example));
  });
}

test('each finding has the kind that is recorded', () => {
  const wanted = `${kinds.join('\n')}\n`;
  if (process.env['UPDATE'] === '1') writeFileSync(KINDS, wanted);
  assert.deepEqual(wanted.split('\n'), readFileSync(KINDS, 'utf8').split('\n'), 'if that is what you want: npm run update');
});

function checkExample(rule: Rule, example: Example): void {
  const name = `${rule.category}/${rule.id}`;
  const { review, findings, expected, clean } = check(engine, 'bad' in example ? example.bad : example.good);
  const picture = () => `\n${draw(clean, findings)}\n`;
  assert.deepEqual(review.faults, [], 'no fault');
  const own = findings.filter((it) => it.rule === name);
  for (const it of own) {
    assert.ok((rule.kinds ?? [rule.kind]).includes(it.kind), `${it.kind} is not among the rule's kinds`);
    assert.ok(it.message.length <= 160, `the message is too long: ${it.message}`);
  }
  if (new Set(rule.kinds).size > 1 && own.length > 0) kinds.push(`${name}: ${example.name}: ${own.map((it) => it.kind).join(' ')}`);
  if ('good' in example) assert.equal(own.length, 0, `must be silent here${picture()}`);
  else {
    assert.ok(expected.length > 0, 'an example of what it finds needs marks');
    for (const mark of expected)
      assert.ok(
        own.some((it) => matches(it, mark)),
        `nothing found for the mark in line ${mark.line}: ${mark.message}${picture()}`,
      );
    for (const it of own)
      assert.ok(
        expected.some((mark) => matches(it, mark)),
        `unexpected: ${it.line}:${it.column} ${it.message}${picture()}`,
      );
  }
  const listed = new Set(example.alsoFinds ?? []);
  const others = findings.filter((it) => it.rule !== name && (it.kind === 'fail' || it.kind === 'review') && !listed.has(it.rule) && !listed.has(it.code));
  assert.deepEqual(
    others.map((it) => `${it.rule} ${it.line}: ${it.message}`),
    [],
    `other rules speak up${picture()}`,
  );
  if ('bad' in example) for (const it of own) if (it.fix !== undefined) checkFix(name, example.bad, clean, findings, it, it.fix);
  if (!('bad' in example) || example.fixed === undefined) return;
  let text = clean;
  for (let round = 0; round < 20; round++) {
    const files = { ...filesOf(example.bad), [Object.keys(filesOf(example.bad))[0] ?? '']: text };
    const [path] = Object.keys(files);
    const again = reviewFiles(engine, Object.fromEntries(Object.entries(files).map(([key, value]) => [key, key === path ? value : withoutMarks(value)])));
    const next = again.categories.flatMap((it) => it.findings).find((it) => it.rule === name && it.fix !== undefined);
    if (next?.fix === undefined) break;
    text = applyFix(text, next.fix);
  }
  assert.equal(text, withoutMarks(example.fixed), 'the text after the fix');
  const after = check(engine, typeof example.bad === 'string' ? text : { ...example.bad, [Object.keys(example.bad)[0] ?? '']: text });
  assert.deepEqual(
    after.findings.filter((it) => it.rule === name).map((it) => it.message),
    [],
    'the fix ends the finding',
  );
}

/** Any fix leaves a file that parses; a safe one ends its finding and brings nothing new. */
function checkFix(name: string, source: Source, clean: string, before: readonly PlacedFinding[], finding: PlacedFinding, fix: PlacedFix): void {
  const text = applyFix(clean, fix);
  const after = check(engine, typeof source === 'string' ? text : { ...source, [Object.keys(source)[0] ?? '']: text });
  const where = `${finding.line}: ${fix.title}\n${text}`;
  assert.deepEqual(
    after.review.blind.filter((it) => it.what === 'syntax-error'),
    [],
    `the file does not parse after the fix of line ${where}`,
  );
  if (fix.safety !== 'safe') return;
  const count = (all: readonly PlacedFinding[], rule: string, kind: string) => all.filter((it) => it.rule === rule && it.kind === kind).length;
  assert.ok(count(after.findings, name, finding.kind) < count(before, name, finding.kind), `the finding stays after the fix of line ${where}`);
  for (const it of after.findings) {
    if (it.kind === 'pass' || it.kind === 'open' || (it.rule === name && it.kind === finding.kind)) continue;
    assert.ok(count(after.findings, it.rule, it.kind) <= count(before, it.rule, it.kind), `${it.rule} is new after the fix of line ${where}`);
  }
}

function matches(it: PlacedFinding, mark: { line: number; column: number | undefined; endColumn: number | undefined; message: string }): boolean {
  if (it.line !== mark.line || !it.message.includes(mark.message)) return false;
  return mark.column === undefined || (it.column === mark.column && (it.endLine > it.line || it.endColumn === mark.endColumn));
}
