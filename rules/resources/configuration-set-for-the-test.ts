import { defineRule, py } from '../rule.ts';

const SETTERS: ReadonlySet<string> = new Set(['flags', 'override_config', 'override_settings', 'modify_settings', 'set_flags']);

export const rule = defineRule({
  id: 'configuration-set-for-the-test',
  code: 'RES-S09',
  category: 'resources',
  title: 'Configuration set for one test only',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The helper sets the option and registers its reset in one step.',
  instead: 'Keep using it instead of assigning to the configuration.',
  limits: 'The helper is known by its name and by a base class that resets the configuration.',
  links: ['https://docs.djangoproject.com/en/stable/topics/testing/tools/#overriding-settings'],
  once: 'class',
  on: 'call',
  calls: (_, method) => SETTERS.has(method),
  *check(call, file) {
    if (!SETTERS.has(call.method)) return;
    if (call.callee?.startsWith('django.test.') === true) {
      yield { at: call.place, message: `\`${call.method}\` sets Django's settings for what it decorates only` };
      return;
    }
    const owner = file.ownerOf(call)?.class;
    if (call.function.type !== 'attribute' || call.function.object.text !== 'self' || owner === undefined) return;
    const by = owner.guarantor('config-reset');
    if (by !== undefined) yield { at: call.place, message: `\`self.${call.method}\` holds for this test: \`${by}\` resets the configuration` };
  },
  examples: [
    {
      name: 'flags of a base that resets them',
      bad: py`
        from nova import test

        class TestHost(test.NoDBTestCase):
            def test_host(self):
                self.flags(host='host1')  #! resets the configuration
                self.assertTrue(True)
      `,
    },
    {
      name: 'a method of that name on something else',
      good: py`
        import unittest

        class TestHost(unittest.TestCase):
            def test_host(self):
                self.flags(host='host1')
                self.parser.flags(0)
      `,
    },
  ],
});
