import type { Call, Expression, FunctionSubject, Place, Statement } from '../model.ts';
import { isColumn } from '../python/parametrize.ts';
import { ENTER_METHODS } from '../python/resources.ts';
import { type HttpStub, httpStubOf, passage, STARTERS, STUB_FIXTURES } from '../python/stub-libraries.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'http-stubbed',
  code: 'NET-S01',
  category: 'network',
  title: 'HTTP is answered by a stub',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'A request that the stub does not know is refused instead of sent.',
  limits: "Speaks of the library that is named; another one still reaches the network. A project's own stubs are not known.",
  links: ['https://pypi.org/project/responses/', 'https://requests-mock.readthedocs.io/'],
  once: 'file',
  on: ['function', 'statement', 'call'],
  calls: (callee, method) => STARTERS.has(callee) || ENTER_METHODS.has(method),
  statements: ['class', 'with'],
  wants: (it) => it.type !== 'function subject' || it.node.decorators.length > 0 || it.parameters.some((each) => STUB_FIXTURES.has(each)),
  *check(subject, file) {
    const stubs = stubsOf(subject);
    if (stubs.length === 0) return;
    const within = subject.type === 'call' ? (file.ownerOf(subject)?.node ?? subject) : subject.type === 'function subject' ? subject.node : subject;
    if (LETS_THROUGH.test(within.text)) return;
    for (const [place, stub] of stubs) {
      yield {
        at: place,
        message: `\`${stub.name}\` answers for ${stub.answers === 'AWS' || stub.answers === 'HTTP' ? stub.answers : `\`${stub.answers}\``}: nothing is sent through it`,
      };
    }
  },
  examples: [
    {
      name: 'a decorator',
      bad: py`
        import responses

        @responses.activate  #! answers for
        def test_tides():
            responses.add(responses.GET, "https://tides.example.com/today", json={})
      `,
    },
    {
      name: 'a block, and the fixture of a plug-in',
      bad: py`
        import requests_mock

        def test_tides():
            with requests_mock.Mocker() as stub:  #! answers for
                stub.get("https://tides.example.com/today", json={})

      `,
    },
    {
      name: 'a fixture of pytest',
      bad: py`
        def test_tides(httpx_mock):  #! answers for
            httpx_mock.add_response(json={})
      `,
    },
    {
      name: 'imported and not in force, or letting requests through',
      good: py`
        import requests_mock
        import responses

        def test_tides():
            with requests_mock.Mocker(real_http=True) as stub:
                stub.get("https://tides.example.com/today", json={})
      `,
      alsoFinds: ['NET017'],
    },
    {
      name: 'letting requests through further down',
      good: py`
        import responses

        @responses.activate
        def test_tides(config):
            responses.add_passthru(config["harbour"])
            assert tides()
      `,
      alsoFinds: ['NET017'],
    },
    {
      name: 'a column of a table',
      good: py`
        import pytest

        @pytest.mark.parametrize("request_id, responses", [(1, ["a"]), (2, ["b"])])
        def test_replies(device, request_id, responses):
            assert device.ask(request_id) == responses
      `,
    },
  ],
});

/** `responses.add_passthru(address)`, `route.pass_through()`: what is asked there goes out. */
const LETS_THROUGH = /\b(?:add_passthru|pass_through)\b/;

type Answering = readonly [Place, HttpStub];

function stubsOf(subject: FunctionSubject | Statement | Call): readonly Answering[] {
  switch (subject.type) {
    case 'function subject': {
      const above = stubsAmong(subject.node.decorators);
      return subject.role === 'test' || subject.role === 'fixture' ? [...above, ...fixturesAsked(subject)] : above;
    }
    case 'class':
      return stubsAmong(subject.decorators);
    case 'with':
      return stubsAmong(subject.items.map((it) => it.context));
    case 'call': {
      const answers = STARTERS.get(subject.callee ?? '');
      const started: readonly Answering[] =
        answers !== undefined && passage(subject) === undefined ? [[subject.place, { name: subject.callee ?? '', answers }]] : [];
      const first = subject.arguments[0]?.value;
      return ENTER_METHODS.has(subject.method) && first !== undefined ? [...started, ...stubsAmong([first])] : started;
    }
    default:
      return [];
  }
}

function stubsAmong(all: readonly Expression[]): readonly Answering[] {
  return all.flatMap((it): readonly Answering[] => {
    const stub = httpStubOf(it);
    return stub === undefined ? [] : [[it.place, stub]];
  });
}

function fixturesAsked({ node }: FunctionSubject): readonly Answering[] {
  return node.parameters.flatMap((it): readonly Answering[] => {
    const answers = STUB_FIXTURES.get(it.name);
    return answers !== undefined && !isColumn(it.name, node.decorators) ? [[it.place, { name: it.name, answers }]] : [];
  });
}
