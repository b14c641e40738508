import { argument, type Call, constantText, type Expression } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'leaks-detected',
  code: 'RES-S11',
  category: 'resources',
  title: 'Leaked resources fail the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A file, socket or thread that is left open is noticed when it is left, not when the process has too many.',
  limits: 'Settings of pytest outside Python files are not read.',
  links: ['https://docs.pytest.org/en/stable/how-to/capture-warnings.html', 'https://docs.python.org/3/library/devmode.html#resourcewarning-example'],
  once: 'file',
  on: ['call', 'function'],
  calls: (callee) =>
    callee === 'pytest.mark.filterwarnings' || callee.startsWith('warnings.') || /(?:RPCPollerCleanupFixture|check_no_resource_warning)$/.test(callee),
  wants: (it) => it.type === 'call' || it.node.decorators.length > 0,
  *check(subject) {
    if (subject.type === 'function subject') {
      for (const it of subject.node.decorators) {
        const name = it.refersTo ?? '';
        if (/(?:^|\.)(?:reap_threads|threading_helper\.reap_threads|no_leaks|assert_no_leaks)$/.test(name))
          yield { at: it.place, message: `\`${name.slice(name.lastIndexOf('.') + 1)}\` notices threads that the test leaves running` };
      }
      return;
    }
    const how = detector(subject);
    if (how !== undefined) yield { at: subject.place, message: how };
  },
  examples: [
    {
      name: 'a mark that turns the warning into an error',
      bad: py`
        import pytest

        @pytest.mark.filterwarnings("error::ResourceWarning")  #! a resource that is left open fails the test
        def test_spool(spool):
            assert spool.save()
      `,
    },
    {
      name: 'a filter, and a fixture of Nova',
      bad: py`
        import warnings

        def setUpModule():
            warnings.simplefilter("error", ResourceWarning)  #! a resource that is left open fails
      `,
    },
    {
      name: 'the warning is ignored, another one, a comment',
      good: py`
        import warnings
        import pytest

        @pytest.mark.filterwarnings("ignore::ResourceWarning")
        def test_spool(spool):
            # warnings.simplefilter("error", ResourceWarning)
            with warnings.catch_warnings():
                warnings.simplefilter("error", DeprecationWarning)
                assert spool.save()
      `,
    },
  ],
});

const SAYS = 'a resource that is left open fails the test';

function detector(call: Call): string | undefined {
  const callee = call.callee ?? '';
  if (callee === 'pytest.mark.filterwarnings') {
    const text = constantText(call.arguments[0]?.value.value);
    return text !== undefined && /^error(?:$|.*\bResourceWarning)/.test(text) && !/^error:.*:(?!:)\w*(?<!ResourceWarning)$/.test(text) ? SAYS : undefined;
  }
  if (callee === 'warnings.simplefilter' || callee === 'warnings.filterwarnings') {
    const action = argument(call, 'action', 0);
    const category = argument(call, 'category', callee.endsWith('simplefilter') ? 1 : 2);
    return action !== undefined && constantText(action.value) === 'error' && category !== undefined && isResourceWarning(category) ? SAYS : undefined;
  }
  if (/(?:^|\.)RPCPollerCleanupFixture$/.test(callee) || /(?:^|\.)(?:check_no_resource_warning)$/.test(callee))
    return `\`${call.method}\` notices what the test leaves open`;
  return undefined;
}

function isResourceWarning(it: Expression): boolean {
  return it.refersTo === 'builtins.ResourceWarning';
}
