import { argument, type Call, constantText, type Expression, type FunctionDefinition, type TestFile } from '../model.ts';
import { FILTERS, filterGiven, RECORDERS } from '../python/recordings.ts';
import { defineRule, py } from '../rule.ts';

/** What a function that changes what is recorded speaks of, where it is there for credentials. */
const SCRUBS = /token|secret|passw|auth|cookie|credential|api_?key|scrub|sanitiz|redact|mask|filter/i;

/** What the recording leaves out, by the arguments of a recorder. */
function leftOut(call: Call, file: TestFile): string | undefined {
  for (const it of FILTERS) {
    const filter = argument(call, it);
    if (filter === undefined || filter.text === 'None') continue;
    const { value } = filter;
    // Which headers a variable names is not known: it may name none.
    if (it.startsWith('filter_') && value.kind !== 'list') continue;
    const names =
      value.kind === 'list'
        ? value.items.map((item) => constantText(item.kind === 'list' ? (item.items[0] ?? item) : item) ?? '').filter((name) => name !== '')
        : [];
    if (names.length === 0) {
      const hook = it.startsWith('filter_') || filter.type === 'lambda' ? filter : hookOf(filter, file);
      if (hook !== undefined && SCRUBS.test(hook.text)) return `goes through \`${it}\` first`;
      continue;
    }
    return `leaves out ${names
      .slice(0, 4)
      .map((name) => `\`${name}\``)
      .join(', ')}`;
  }
  return undefined;
}

/** The function that is given, or made by one of the workspace, where it can be read and does not give back what it was given. */
function hookOf(filter: Expression, file: TestFile): FunctionDefinition | undefined {
  const node = file.definition((filter.type === 'call' ? filter.callee : filter.refersTo) ?? '')?.node;
  const [only, ...others] = node?.body.filter((it) => it.type !== 'expression' || it.expression.type !== 'string') ?? [];
  return only === undefined || (others.length === 0 && only.type === 'return' && only.operands[0]?.type === 'name') ? undefined : node;
}

/** The recording is in the workspace, and holds a bearer token still. */
function holdsBearer(call: Call, file: TestFile): boolean {
  const path = argument(call, 'path', 0);
  const found = path === undefined ? 'unknown' : file.dataFile(path);
  return typeof found !== 'string' && found.some((it) => /\bBearer [\w.~+/-]{20}/.test(it.text));
}

export const rule = defineRule({
  id: 'recording-filtered',
  code: 'SEC-S07',
  category: 'credentials',
  title: 'HTTP recordings leave credentials out',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What is not recorded cannot be committed by accident.',
  limits:
    'Says what is left out, not that nothing else in the recording is secret; one that is there and holds a bearer token still is no evidence, nor is a hook that speaks of no credential, cannot be read, or gives back what it is given.',
  links: [
    'https://vcrpy.readthedocs.io/en/latest/advanced.html#filter-information-from-http-requests',
    'https://betamax.readthedocs.io/en/latest/configuring.html',
  ],
  once: 'file',
  on: ['call', 'function'],
  calls: (callee, method) => method === 'define_cassette_placeholder' || callee === 'pytest.mark.vcr' || RECORDERS.test(callee),
  wants: (it) => it.type !== 'function subject' || it.name === 'vcr_config',
  *check(subject, file) {
    if (subject.type === 'function subject') {
      const name = subject.name === 'vcr_config' && subject.fixture !== undefined ? filterGiven(subject.node) : undefined;
      if (name !== undefined) yield { at: subject.namePlace, message: `recordings are filtered with \`${name}\`` };
      return;
    }
    const { callee } = subject;
    if (callee === undefined) return;
    if (subject.method === 'define_cassette_placeholder') {
      const text = constantText(subject.arguments[0]?.value.value);
      yield { at: subject.place, message: `recordings hold ${text === undefined ? 'a placeholder' : `\`${text.slice(0, 40)}\``} instead of the value` };
      return;
    }
    if (!RECORDERS.test(callee) && callee !== 'pytest.mark.vcr') return;
    const what = leftOut(subject, file);
    if (what !== undefined && !holdsBearer(subject, file)) yield { at: subject.place, message: `the recording ${what}` };
  },
  examples: [
    {
      name: 'one recording',
      bad: py`
        import vcr

        def test_list(client, token):
            with vcr.use_cassette("list.yaml", filter_headers=["authorization"]):  #! leaves out ${'`authorization`'}
                client.get("/", headers={"Authorization": token})
      `,
    },
    {
      name: 'a header that is given another value',
      bad: py`
        import vcr

        recorder = vcr.VCR(filter_headers=[("Authorization", "none")])  #! leaves out ${'`Authorization`'}
      `,
    },
    {
      name: 'all recordings',
      bad: py`
        import pytest

        @pytest.fixture(scope="module")
        def vcr_config():
        #   ^^^^^^^^^^ filtered with ${'`filter_headers`'}
            return {"filter_headers": ["authorization"]}
      `,
    },
    {
      name: 'betamax',
      bad: py`
        import os
        import betamax

        with betamax.Betamax.configure() as config:
            config.define_cassette_placeholder("<TOKEN>", os.environ["HARBOUR_TOKEN"])  #! hold ${'`<TOKEN>`'} instead
      `,
    },
    {
      name: 'a recording that holds a bearer token still',
      good: {
        'tests/test_list.py': py`
          import vcr

          @vcr.use_cassette("tests/list.yaml", filter_post_data_parameters=["client_secret"])
          def test_list(client):
              client.get("/")
        `,
        'tests/list.yaml': 'request:\n  headers:\n    Authorization: [Bearer made-up-for-this-example-only]\n',
      },
    },
    {
      name: 'no filter, one that may be empty, a hook that changes nothing, another fixture',
      good: py`
        import pytest
        import vcr

        def filter_request(request):
            return request

        def replay(case):
            return vcr.use_cassette("one.yaml", before_record_request=filter_request, before_record_response=case.filter_response)

        def recorder(headers=None):
            return vcr.VCR(filter_headers=headers or [], before_record_response=lambda reply: reply)

        @pytest.fixture(scope="module")
        def vcr_config():
            return {"record_mode": "none"}

        def test_public(client):
            with vcr.use_cassette("public.yaml"):
                client.get("/")
      `,
    },
  ],
});
