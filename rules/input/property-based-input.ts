import { defineRule, py } from '../rule.ts';

const GENERATORS: ReadonlyMap<string, string> = new Map([
  ['hypothesis.given', 'hypothesis'],
  ['hypothesis.stateful.rule', 'hypothesis'],
  ['atheris.Setup', 'atheris'],
  ['schemathesis.from_path', 'schemathesis'],
  ['schemathesis.from_uri', 'schemathesis'],
  ['schemathesis.openapi.from_path', 'schemathesis'],
  ['schemathesis.openapi.from_url', 'schemathesis'],
  ['schemathesis.from_asgi', 'schemathesis'],
  ['schemathesis.from_wsgi', 'schemathesis'],
]);

export const rule = defineRule({
  id: 'property-based-input',
  code: 'INP-S05',
  category: 'input',
  title: 'Input is generated, not only chosen',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Generated input finds the cases that nobody thought of.',
  limits: 'How wide the generated input is, is not judged.',
  links: ['https://hypothesis.readthedocs.io/'],
  once: 'file',
  on: 'call',
  calls: (callee) => GENERATORS.has(callee),
  *check(call) {
    const tool = GENERATORS.get(call.callee ?? '');
    if (tool !== undefined) yield { at: call.place, message: `\`${tool}\` makes the input of this test` };
  },
  examples: [
    {
      name: 'hypothesis',
      bad: py`
        from hypothesis import given, strategies

        @given(strategies.text())  #! makes the input of this test
        def test_name(name):
            name.encode()
      `,
    },
    {
      name: 'a function of that name',
      good: py`
        def given(x):
            return x

        @given("a")
        def test_name(name):
            name.encode()
      `,
    },
  ],
});
