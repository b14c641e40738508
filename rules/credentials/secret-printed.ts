import type { Expression, TestFile } from '../model.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { isCredentialName } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

const PRINTS =
  /^(?:builtins\.print|warnings\.warn|pytest\.fail|unittest\.TestCase\(\)\.addDetail|logging\.(?:getLogger\(\)\.)?(?:debug|info|warning|warn|error|exception|critical|log)|oslo_log\.log\.getLogger\(\)\.(?:debug|info|warning|error|exception))$/;

function nameOf(it: Expression): string | undefined {
  return it.type === 'name'
    ? it.id
    : it.type === 'attribute'
      ? it.name
      : it.type === 'subscript' && it.index[0]?.type === 'string'
        ? it.index[0].content
        : undefined;
}

/** What an argument of a print shows: itself, or the holes of a text. */
function shownIn(it: Expression): Expression[] {
  if (it.type === 'fstring') return it.parts.filter((part): part is Expression => typeof part !== 'string');
  if (it.type === 'operation') return [...(it.left === undefined ? [] : shownIn(it.left)), ...shownIn(it.right)];
  if (it.type === 'tuple') return it.items.flatMap(shownIn);
  if (it.type === 'call' && it.method === 'format') return it.arguments.flatMap((each) => shownIn(each.value));
  return [it];
}

function secretFromOutside(it: Expression, file: TestFile) {
  const name = nameOf(it);
  return name !== undefined && isCredentialName(name) ? outsideOrigin(it, file) : undefined;
}

export const rule = defineRule({
  id: 'secret-printed',
  code: 'SEC011',
  category: 'credentials',
  title: 'Real credential written to the log of the tests',
  kind: 'review',
  confidence: 'medium',
  cwe: [532],
  peers: { codeql: ['py/clear-text-logging-sensitive-data'], semgrep: ['python-logger-credential-disclosure'] },
  why: 'Logs of test runs are kept for long and read by many.',
  instead: 'Leave the value out, or mask it.',
  limits: 'Only values that come from the environment or the network, and only under the name of a credential.',
  links: ['https://cwe.mitre.org/data/definitions/532.html'],
  on: 'call',
  calls: (callee) => PRINTS.test(callee),
  *check(call, file) {
    if (call.callee === undefined || !PRINTS.test(call.callee)) return;
    for (const argument of call.arguments) {
      for (const it of shownIn(argument.value)) {
        const found = secretFromOutside(it, file);
        if (found === undefined) continue;
        yield {
          at: it.place,
          message: `\`${nameOf(it) ?? ''}\` from ${found.from} is written to the log of the test run`,
          trail: trailOf(found.origin, found.from),
        };
        return;
      }
    }
  },
  examples: [
    {
      name: 'a token from the environment',
      bad: py`
        import os

        def test_login(client):
            token = os.environ["HARBOUR_TOKEN"]
            print(f"logging in with {token}")
            #                        ^^^^^ is written to the log
      `,
    },
    {
      name: 'a literal, and something else',
      good: py`
        import os

        def test_login(client):
            token = "not-a-real-token"
            print(token)
            url = os.environ["HARBOUR_URL"]
            print(url)
      `,
    },
  ],
});
