import { defineRule, py } from '../rule.ts';

const CHECKS: ReadonlyMap<string, string> = new Map([
  ['jsonschema.validate', 'a JSON schema'],
  ['jsonschema.Draft4Validator().validate', 'a JSON schema'],
  ['jsonschema.Draft7Validator().validate', 'a JSON schema'],
  ['jsonschema.Draft202012Validator().validate', 'a JSON schema'],
  ['jsonschema.Draft4Validator.check_schema', 'the rules for schemas'],
  ['jsonschema.Draft7Validator.check_schema', 'the rules for schemas'],
  ['jsonschema.Draft202012Validator.check_schema', 'the rules for schemas'],
  ['openapi_spec_validator.validate', 'the OpenAPI specification'],
  ['openapi_spec_validator.validate_spec', 'the OpenAPI specification'],
  ['fastjsonschema.validate', 'a JSON schema'],
]);
const BASES = /(?:^|\.)(?:APIValidationTestCase|SchemaTestCase|ValidationTestCase)$/;
const ERRORS = /^(?:pydantic|pydantic_core|jsonschema|marshmallow|cerberus|voluptuous)\b.*(?:ValidationError|Invalid|DocumentError)$/;

export const rule = defineRule({
  id: 'schema-tested',
  code: 'INP-S06',
  category: 'input',
  title: 'Data is checked against a schema',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A schema says once and for all what is let in or given out, and its tests keep it from becoming wider by accident.',
  limits: 'Says that a schema is used in the test, for what comes in or for what goes out, not how strict it is.',
  links: ['https://json-schema.org/', 'https://docs.pydantic.dev/latest/errors/errors/'],
  once: 'file',
  on: ['call', 'raises', 'class'],
  calls: (callee) => CHECKS.has(callee),
  *check(subject) {
    if (subject.type === 'call') {
      const what = CHECKS.get(subject.callee ?? '');
      if (what !== undefined) yield { at: subject.place, message: `\`${subject.function.text}\` compares with ${what}` };
      return;
    }
    if (subject.type === 'raises') {
      const error = subject.what === 'raises' ? subject.exceptions.find((it) => ERRORS.test(it.refersTo ?? '')) : undefined;
      if (error !== undefined) yield { at: subject.place, message: `a schema is expected to refuse: \`${error.text}\`` };
      return;
    }
    const base = subject.isTest ? subject.ancestors.find((it) => BASES.test(it)) : undefined;
    if (base !== undefined) yield { at: subject.namePlace, message: `\`${base.slice(base.lastIndexOf('.') + 1)}\` tests the schema of a request` };
  },
  examples: [
    {
      name: 'a JSON schema',
      bad: py`
        import jsonschema

        def test_reply(client, schema):
            jsonschema.validate(client.get("/").json(), schema)  #! compares with a JSON schema
      `,
    },
    {
      name: 'a model that refuses',
      bad: py`
        import pydantic
        import pytest
        from harbour import Booking

        def test_negative_length():
            with pytest.raises(pydantic.ValidationError, match="length"):  #! a schema is expected to refuse
                Booking(length=-1)
      `,
    },
    {
      name: 'a function of that name, another exception',
      good: py`
        import pytest
        from harbour import Booking, validate

        def test_booking():
            validate({"length": 1})
            with pytest.raises(TypeError, match="length"):
                Booking()
      `,
    },
  ],
});
