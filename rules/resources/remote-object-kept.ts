import { argumentsKnown, type Call, type Expression, walk } from '../model.ts';
import { ELSEWHERE_ARGUMENTS, vendorOf } from '../python/cloud.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'remote-object-kept',
  code: 'RES-U05',
  category: 'resources',
  title: 'Whether what is made through a client stays is not known',
  kind: 'open',
  confidence: 'medium',
  cwe: [459],
  why: 'A bucket, queue or row outlives the test when the client works on a real service.',
  instead: 'Delete it in a cleanup, or answer the client with a stub.',
  limits: 'Speaks of clients of clouds and platforms, where nothing in the function deletes and no stub library is imported.',
  links: ['https://docs.getmoto.org/en/latest/docs/getting_started.html'],
  once: 'class',
  on: 'call',
  calls: (_, method) => CREATES.test(method),
  *check(call, file) {
    const kept = CREATES.exec(call.method)?.[1];
    const maker = kept === undefined ? undefined : makerOf(call);
    const vendor = vendorOf(maker?.callee);
    if (kept === undefined || maker === undefined || vendor === undefined || mayBeAnsweredHere(file) || file.expected(call)) return;
    if (!argumentsKnown(maker) || maker.arguments.some((it) => it.keyword !== undefined && ELSEWHERE_ARGUMENTS.has(it.keyword))) return;
    if (file.stubbed(maker.callee ?? '', call) !== undefined || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const around = file.ownerOf(call)?.node;
    if (around === undefined || [...walk(around)].some((it) => it.type === 'attribute' && /^(?:delete|remove|destroy|purge|terminate)/.test(it.name))) return;
    yield { at: call.place, message: `\`${call.method}\` makes something at ${vendor}; nothing here deletes it, and whether it stays is not known` };
  },
  examples: [
    {
      name: 'a bucket that nobody deletes',
      bad: py`
        import boto3

        def test_upload():
            storage = boto3.client("s3")
            storage.create_bucket(Bucket="charts")  #! nothing here deletes it
      `,
      alsoFinds: ['NET004'],
    },
    {
      name: 'deleted, stubbed, an emulator',
      good: py`
        import boto3
        from unittest import mock

        def test_upload(request):
            storage = boto3.client("s3", endpoint_url="http://localhost:4566")
            storage.create_bucket(Bucket="charts")

        @mock.patch("boto3.client")
        def test_stubbed(client):
            boto3.client("s3").create_bucket(Bucket="charts")
      `,
    },
  ],
});

const CREATES = /^(?:create|put|send|insert|publish|upload)_(\w+)$/;

/** The call that made the client. */
function makerOf(call: Call): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  const { value }: Expression = call.function.object;
  return value.kind === 'result' ? value.call : undefined;
}
