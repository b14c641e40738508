/** The parameters of detect-secrets' plug-in tests. They are read with Attest's own model: a rule that looks at `parametrize`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argument, type Value } from '../../rules/model.ts';
import { defineRule, type Rule } from '../../rules/rule.ts';
import { newEngine } from '../harness.ts';
import { passed, type Sample } from './peer.ts';

interface Case {
  readonly text: string;
  readonly positive: boolean;
}

function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'constant' && typeof value.value === 'string' ? value.value : undefined;
}

/** `(text, should_flag)`, `(text, [secrets])`, or a text alone, which must be found. */
function caseOf(item: Value): Case | undefined {
  const alone = textOf(item);
  if (alone !== undefined) return { text: alone, positive: true };
  if (item.kind !== 'list') return undefined;
  const text = textOf(item.items[0]);
  const verdict = item.items[1];
  if (text === undefined) return undefined;
  const positive = verdict === undefined || (verdict.kind === 'list' ? verdict.items.length > 0 : verdict.kind === 'constant' && Boolean(verdict.value));
  return { text, positive };
}

export async function detectSecretsSamples(root: string): Promise<Sample[]> {
  const folder = join(root, 'tests/plugins');
  let cases: Case[] = [];
  const reader = defineRule({
    id: 'reader',
    code: 'READ',
    category: 'credentials',
    title: '',
    kind: 'informational',
    confidence: 'high',
    cwe: [],
    why: '',
    instead: '',
    limits: '',
    links: [],
    on: 'call',
    *check(call) {
      if (call.method !== 'parametrize') return;
      const values = argument(call, 'argvalues', 1)?.value;
      if (values?.kind === 'list') cases.push(...values.items.flatMap((it) => caseOf(it) ?? []));
    },
    examples: [],
  });
  const engine = await newEngine([reader as unknown as Rule]);
  const samples: Sample[] = [];
  for (const file of readdirSync(folder).sort()) {
    const text = file.endsWith('_test.py') ? readFileSync(join(folder, file), 'utf8') : '';
    const id = /from detect_secrets\.plugins\.\w+ import (\w+)/.exec(text)?.[1];
    if (id === undefined) continue;
    cases = [];
    engine.put(file, text);
    engine.review(file, { anyFile: true });
    engine.drop(file);
    cases.forEach((it, index) => {
      samples.push({
        peer: 'detect-secrets',
        name: `${file} ${index + 1}`,
        code: passed(it.text),
        found: it.positive ? [{ id, line: 1, endLine: 1 }] : [],
        about: [id],
      });
    });
  }
  return samples;
}
