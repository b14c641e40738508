import { argument, type Call, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const RECORDERS = /^(?:vcr\.use_cassette|vcr\.VCR|vcr\.VCR\(\)\.use_cassette|betamax\.Betamax\(\)\.use_cassette)$/;
const FILTERS: readonly string[] = ['filter_headers', 'filter_query_parameters', 'filter_post_data_parameters', 'before_record_request', 'before_record'];

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
  calls: (callee) => RECORDERS.test(callee),
  *check(call, file) {
    if (call.callee === undefined || !RECORDERS.test(call.callee) || filters(call)) return;
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
      yield { at: call.place, message: 'the recording keeps the credentials that this test sends', trail: [{ at: it.place, note: 'are sent here' }] };
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
      `,
    },
  ],
});
