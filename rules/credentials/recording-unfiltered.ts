import { argument, type Call, constantText, walk } from '../model.ts';
import { FILTERS, filterGiven, RECORDERS } from '../python/recordings.ts';
import { addArgument, defineRule, py } from '../rule.ts';

function filters(call: Call): boolean {
  return FILTERS.some((it) => argument(call, it) !== undefined) || call.arguments.some((it) => it.unpack !== undefined);
}

export const rule = defineRule({
  id: 'recording-unfiltered',
  code: 'SEC019',
  category: 'credentials',
  title: 'HTTP recording may keep credentials',
  kind: 'review',
  confidence: 'medium',
  cwe: [312],
  why: 'The recording is committed with the tests, and holds the headers that were sent.',
  instead: 'Leave them out: `filter_headers=["authorization", "x-auth-token", "cookie"]`.',
  limits: 'Only recordings whose test is seen to send an authorization header or a token; what a client adds by itself is not seen.',
  links: ['https://vcrpy.readthedocs.io/en/latest/advanced.html#filter-information-from-http-requests'],
  on: 'call',
  calls: (callee) => callee === 'pytest.mark.vcr' || RECORDERS.test(callee),
  *check(call, file) {
    const mark = call.callee === 'pytest.mark.vcr';
    if (call.callee === undefined || !(mark || RECORDERS.test(call.callee)) || filters(call)) return;
    // Settings in a fixture count for all; where there is none, another rule says so.
    const settings = file.fixture('vcr_config');
    if (mark && (settings === undefined || filterGiven(settings) !== undefined)) return;
    const replayed = argument(call, 'record_mode');
    if (replayed !== undefined && /(?:^|\.)none$/i.test(constantText(replayed.value) ?? replayed.text)) return; // nothing new is recorded
    // A recorder made elsewhere in the file with filters keeps them.
    if (
      call.callee === 'vcr.VCR().use_cassette' &&
      call.function.type === 'attribute' &&
      call.function.object.value.kind === 'result' &&
      filters(call.function.object.value.call)
    )
      return;
    const owner = file.ownerOf(call);
    if (owner === undefined) return;
    for (const it of walk(owner.node)) {
      const header = it.type === 'string' && /^(?:authorization|x-auth-token|x-api-key|cookie)$/i.test(it.content) && it.parent?.type === 'dict';
      const login = it.type === 'call' && argument(it, 'auth') !== undefined;
      if (!header && !login) continue;
      yield {
        at: call.place,
        message: 'the recording keeps the credentials that this test sends',
        trail: [{ at: it.place, note: 'are sent here' }],
        fix: { title: 'Leave the headers out', safety: 'suggest', edits: [addArgument(call, 'filter_headers=["authorization", "x-auth-token", "cookie"]')] },
      };
      return;
    }
  },
  examples: [
    {
      name: 'a header is sent and recorded',
      bad: py`
        import vcr

        def test_list(client, token):
            with vcr.use_cassette("list.yaml"):  #! keeps the credentials
                client.get("/", headers={"Authorization": token})
      `,
      fixed: py`
        import vcr

        def test_list(client, token):
            with vcr.use_cassette("list.yaml", filter_headers=["authorization", "x-auth-token", "cookie"]):
                client.get("/", headers={"Authorization": token})
      `,
    },
    {
      name: 'a mark, and settings that filter nothing',
      bad: py`
        import pytest

        @pytest.fixture
        def vcr_config():
            return {"record_mode": "once"}

        @pytest.mark.vcr()  #! keeps the credentials
        def test_list(client, secret):
            client.get("/", headers={"Authorization": secret})
      `,
    },
    {
      name: 'filtered, or nothing to filter',
      good: py`
        import vcr

        def test_list(client, token):
            with vcr.use_cassette("list.yaml", filter_headers=["authorization"]):
                client.get("/", headers={"Authorization": token})

        def test_public(client):
            with vcr.use_cassette("public.yaml"):
                client.get("/")

        def test_replayed(client, token):
            with vcr.use_cassette("list.yaml", record_mode=vcr.mode.NONE):
                client.get("/", headers={"Authorization": token})
      `,
    },
  ],
});
