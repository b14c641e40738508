import type { Assignment, Call, Change, TestFile } from '../model.ts';
import { ancestors, constantText } from '../model.ts';
import { defineRule, type Finding, py, replace } from '../rule.ts';

const DISABLE_WARNINGS = /^(?:requests\.packages\.)?urllib3\.disable_warnings$/;

export const rule = defineRule({
  id: 'certificate-check-off-everywhere',
  code: 'NET007',
  category: 'network',
  title: 'TLS verification disabled globally',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [295],
  peers: { semgrep: ['unverified-ssl-context'], sonar: ['S4830'], dlint: ['DUO131'] },
  why: 'Every connection of the process accepts any certificate from here on, those of other tests included.',
  instead: 'Give the one connection a context that trusts the test server.',
  limits:
    'Sees the switches of ssl, requests and urllib3; one that is set for one test by a fixture is for a person to decide, and warnings that are hidden by a module of tests or a `conftest.py` are a note.',
  links: ['https://peps.python.org/pep-0476/'],
  on: ['assignment', 'change', 'call'],
  calls: (callee, method) => method === 'setattr' || DISABLE_WARNINGS.test(callee),
  wants: (it) => it.type !== 'assignment' || it.value?.type === 'name' || it.value?.type === 'attribute',
  *check(subject, file) {
    const found = subject.type === 'assignment' ? byAssignment(subject, file) : subject.type === 'change' ? byEnvironment(subject) : byCall(subject);
    // What hides warnings in a module beside the tests hides those of who imports it, if anybody does.
    if (found?.kind === 'informational' && file.kind === 'helper') return;
    if (found !== undefined && !(subject.type === 'call' && file.expected(subject))) yield found;
  },
  examples: [
    {
      name: 'the default context, and the switch in the environment',
      bad: py`
        import ssl

        ssl._create_default_https_context = ssl._create_unverified_context  #! every connection of the process
      `,
      alsoFinds: ['MCK007'],
    },
    {
      name: 'for one test, and the warnings that would tell',
      bad: py`
        import ssl
        import urllib3

        def test_tides(monkeypatch):
            monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_unverified_context)  #! while this test runs
            urllib3.disable_warnings()  #! hides that certificates are not checked
      `,
    },
    {
      name: 'warnings hidden by a module beside the tests',
      good: {
        'tests/samples/charts.py': py`
          import requests

          requests.packages.urllib3.disable_warnings()
        `,
      },
    },
    {
      name: 'other settings of the same kind',
      good: py`
        import ssl
        import urllib3
        import warnings

        def test_silence():
            with warnings.catch_warnings(record=True) as seen:
                urllib3.disable_warnings()
                assert not seen

        def test_tides(monkeypatch, ca):
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca)
            context = ssl.create_default_context(cafile=ca)
            assert context
      `,
    },
  ],
});

function byAssignment(it: Assignment, file: TestFile): Finding | undefined {
  if (!it.targets.some((each) => each.refersTo === 'ssl._create_default_https_context') || it.value?.refersTo !== 'ssl._create_unverified_context')
    return undefined;
  const fix =
    file.ownerOf(it)?.parameters.includes('monkeypatch') === true
      ? {
          fix: {
            title: 'Use `monkeypatch.setattr`, for this test alone',
            safety: 'suggest' as const,
            edits: [replace(it, `monkeypatch.setattr(ssl, "_create_default_https_context", ${it.value.text})`)],
          },
        }
      : {};
  return { at: it.place, ...fix, message: 'every connection of the process accepts any certificate from here on' };
}

function byEnvironment(it: Change): Finding | undefined {
  if (it.sort !== 'environment' || it.newValue === undefined) return undefined;
  const text = constantText(it.newValue.value);
  const off = (it.key === 'PYTHONHTTPSVERIFY' && text === '0') || (/^(?:REQUESTS|CURL)_CA_BUNDLE$/.test(it.key ?? '') && text === '');
  return off ? { at: it.place, message: `\`${it.key ?? ''}\` switches the check of certificates off for every connection` } : undefined;
}

/** Inside `with warnings.catch_warnings()`, which brings the filters back. */
function isUndone(it: Call): boolean {
  return [...ancestors(it)].some((each) => each.type === 'with' && each.items.some((item) => /catch_warnings/.test(item.context.text)));
}

function byCall(it: Call): Finding | undefined {
  if (DISABLE_WARNINGS.test(it.callee ?? ''))
    return isUndone(it) ? undefined : { at: it.place, kind: 'informational', message: '`disable_warnings` hides that certificates are not checked' };
  const [object, name, value] = it.arguments.map((each) => each.value);
  if (
    it.method === 'setattr' &&
    object?.refersTo === 'ssl' &&
    name !== undefined &&
    constantText(name.value) === '_create_default_https_context' &&
    value?.refersTo === 'ssl._create_unverified_context'
  ) {
    return { at: it.place, kind: 'review', message: 'every connection accepts any certificate while this test runs' };
  }
  return undefined;
}
