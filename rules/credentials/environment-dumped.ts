import { defineRule, py } from '../rule.ts';

const WRITES =
  /^(?:builtins\.print|pprint\.pprint|json\.dump|yaml\.dump|unittest\.TestCase\(\)\.addDetail|logging\.(?:getLogger\(\)\.)?(?:debug|info|warning|error|exception|critical)|oslo_log\.log\.getLogger\(\)\.(?:debug|info|warning|error))$/;
const WHOLE = /^os\.environb?(?:\.(?:copy|items)\(\))?$/;

export const rule = defineRule({
  id: 'environment-dumped',
  code: 'SEC013',
  category: 'credentials',
  title: 'Whole environment written out',
  kind: 'review',
  confidence: 'high',
  cwe: [526],
  why: 'The environment of a build holds its tokens; printed, they stand in a log that many can read.',
  instead: 'Print the variables that matter, by name.',
  limits: 'Only the environment itself, not a mapping made of it.',
  links: ['https://cwe.mitre.org/data/definitions/526.html'],
  on: 'call',
  calls: (callee) => WRITES.test(callee),
  *check(call) {
    if (call.callee === undefined || !WRITES.test(call.callee)) return;
    for (const { value } of call.arguments) {
      const inner = value.type === 'call' && value.callee === 'builtins.dict' ? (value.arguments[0]?.value ?? value) : value;
      if (inner.refersTo !== undefined && WHOLE.test(inner.refersTo))
        yield { at: value.place, message: 'the whole environment is written out, with every token of the build' };
    }
  },
  examples: [
    {
      name: 'printed',
      bad: py`
        import os

        def test_login(client):
            print(dict(os.environ))
            #     ^^^^^^^^^^^^^^^^ the whole environment
      `,
    },
    {
      name: 'one variable',
      good: py`
        import os

        def test_login(client):
            print(os.environ["PATH"])
      `,
    },
  ],
});
