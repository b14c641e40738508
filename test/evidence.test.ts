/**
 * Evidence is never claimed that is not there: where the line that a `pass` finding cites is taken away, the
 * finding goes. Checked on every example of every rule that gives evidence, for the place and for each step of its trail.
 */
import assert from 'node:assert/strict';
import { describe, before as setUp, test } from 'node:test';
import { RULES } from '../rules/index.ts';
import type { Engine } from '../server/review/engine.ts';
import type { PlacedFinding, Review } from '../server/review/review.ts';
import { check, filesOf, newEngine, reviewFiles } from './harness.ts';

let engine: Engine;
setUp(async () => {
  engine = await newEngine();
});

interface Cited {
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
}

/** The ways to take cited lines away, mildest first; the first that leaves a file which parses is the test. */
function* without(text: string, cited: Cited): Iterable<string> {
  const lines = text.split('\n');
  const first = lines[cited.line - 1] ?? '';
  const indent = /^\s*/.exec(first)?.[0] ?? '';
  const replaced = (by: readonly string[], from = cited.line, to = cited.endLine) => [...lines.slice(0, from - 1), ...by, ...lines.slice(to)].join('\n');
  const plain = first.trim();
  if (plain.startsWith('@')) yield replaced([]);
  if (/^(?:async )?(?:with|while|for)\b/.test(plain)) yield replaced([`${indent}if True:`]);
  if (plain.startsWith('class ')) yield replaced([first.replace(/\(.*\)/, '')]);
  if (/^(?:async )?def\b/.test(plain)) {
    // A parameter, or the function itself.
    const name = first.slice(cited.column - 1, cited.endLine === cited.line ? cited.endColumn - 1 : undefined);
    if (/\(.*\bself\b/.test(first) || name !== 'self')
      yield replaced([`${first.slice(0, cited.column - 1)}_other${first.slice(cited.column - 1 + name.length)}`]);
  }
  yield replaced([`${indent}pass`]);
  yield replaced([]);
  // A part of a statement that begins before it.
  const start = lines.slice(0, cited.line - 1).join('\n').length + (cited.line > 1 ? 1 : 0) + cited.column - 1;
  const end = lines.slice(0, cited.endLine - 1).join('\n').length + (cited.endLine > 1 ? 1 : 0) + cited.endColumn - 1;
  yield `${text.slice(0, start)}None${text.slice(end)}`;
}

const parses = (review: Review) => review.blind.every((it) => it.what !== 'syntax-error');
const findingsOf = (review: Review) => review.categories.flatMap((it) => it.findings);

for (const rule of RULES) {
  if (!(rule.kinds ?? [rule.kind]).includes('pass')) continue;
  const name = `${rule.category}/${rule.id}`;
  describe(name, () => {
    for (const example of rule.examples) {
      if (!('bad' in example)) continue;
      test(example.name, () => {
        const { findings, clean } = check(engine, example.bad);
        const files = filesOf(example.bad);
        const [path = ''] = Object.keys(files);
        const own = findings.filter((it) => it.rule === name && it.kind === 'pass');
        assert.ok(own.length > 0, 'the example shows evidence');
        const others = Object.fromEntries(
          Object.keys(files)
            .filter((it) => it !== path)
            .map((it) => [it, check(engine, { [it]: files[it] ?? '' }).clean]),
        );
        for (const finding of own) {
          goes(finding, finding, clean, path, others, name);
          for (const step of finding.trail) {
            if (step.path === path && step.line !== finding.line)
              goes(finding, { line: step.line, endLine: step.line, column: step.column, endColumn: step.column }, clean, path, others, name);
          }
        }
      });
    }
  });
}

/** Takes the cited lines away, and demands that the evidence is gone from its place. */
function goes(finding: PlacedFinding, cited: Cited, text: string, path: string, others: Record<string, string>, name: string): void {
  for (const changed of without(text, cited)) {
    if (changed === text) continue;
    const review = reviewFiles(engine, { [path]: changed, ...others });
    if (!parses(review)) continue;
    const removed = text.split('\n').length - changed.split('\n').length;
    const line = cited.line < finding.line ? finding.line - removed : finding.line;
    const there = (it: Review, at: number) => findingsOf(it).filter((each) => each.rule === name && each.kind === 'pass' && each.line === at);
    const left = there(review, line);
    // What is left without a step of the trail may be evidence of its own, but not the same.
    const gone =
      cited === finding
        ? left.length < there(reviewFiles(engine, { [path]: text, ...others }), line).length
        : left.every((it) => it.message !== finding.message);
    assert.ok(gone, `line ${cited.line} is taken away, its evidence stays:\n${changed}`);
    return;
  }
  assert.fail(`line ${cited.line} cannot be taken away from the example:\n${text}`);
}
