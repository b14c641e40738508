import { argumentsKnown, type Call, type Expression } from '../model.ts';
import { ELSEWHERE_ARGUMENTS, isLocal, isOfVendor, vendorOf } from '../python/cloud.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { defineRule, py } from '../rule.ts';

/** Fixtures that by their name may be what keeps the client at home. */
const STUB_LIKE = /mock|moto|stub|fake|aws|s3|local|emul|vcr|record|cloud|server|container|sqs|dynamo/i;

export const rule = defineRule({
  id: 'cloud-client-without-stub',
  code: 'NET004',
  category: 'network',
  title: 'Cloud client used without a stub',
  kind: 'informational',
  confidence: 'medium',
  cwe: [923],
  why: 'Such a client takes its credentials from the environment: on a machine that has some, the test works on a real account.',
  instead: "Answer it with `moto`, botocore's `Stubber` or an emulator given as `endpoint_url`.",
  limits:
    'Only a client that is made and used in one function or kept on `self` is followed. A stub in a `conftest.py` fixture is seen when its name is a parameter. A helper is a note: who calls it is not followed. The tests of a client library itself are not judged.',
  links: ['https://docs.getmoto.org/en/latest/docs/getting_started.html'],
  once: 'class',
  on: 'call',
  calls: (callee, method) => (callee === '' || isOfVendor(callee)) && !isLocal(method),
  wants: (it) => vendorOf(makerAround(it)?.callee) !== undefined,
  *check(call, file) {
    const maker = makerAround(call);
    const vendor = vendorOf(maker?.callee);
    if (maker === undefined || vendor === undefined || isLocal(call.method)) return;
    if (!argumentsKnown(maker) || maker.arguments.some((it) => it.keyword !== undefined && ELSEWHERE_ARGUMENTS.has(it.keyword))) return;
    if (
      mayBeAnsweredHere(file) ||
      file.expected(call) ||
      file.stubbed(maker.callee ?? '', call) !== undefined ||
      file.stubbed(call.callee ?? '', call) !== undefined
    )
      return;
    // The tests of a client itself are for it to answer below its transport.
    if (file.definition(maker.callee ?? '') !== undefined) return;
    const owner = file.ownerOf(call);
    if (owner === undefined || owner.node.parameters.some((it) => STUB_LIKE.test(it.name)) || (owner.class?.unresolved.length ?? 0) > 0) return;
    // Who calls a helper may have put a stub around the call.
    const decided = file.tier === 'unit' && !file.guarded(call) && owner.role !== 'helper';
    yield {
      at: call.place,
      message: decided
        ? `\`${call.method}\` asks ${vendor} itself: no stub is seen here`
        : `\`${call.method}\` asks ${vendor} itself, with whatever stub its callers put there`,
      trail: [{ at: maker.place, note: 'the client' }],
    };
  },
  examples: [
    {
      name: 'a client that takes its account from the environment',
      bad: py`
        import boto3

        def test_upload():
            storage = boto3.client("s3")
            storage.put_object(Bucket="charts", Key="bay", Body=b"map")
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ asks AWS itself
      `,
    },
    {
      name: 'moto answers',
      good: py`
        import boto3
        from moto import mock_aws

        @mock_aws
        def test_upload():
            storage = boto3.client("s3")
            storage.put_object(Bucket="charts", Key="bay", Body=b"map")
      `,
    },
    {
      name: 'the client itself is what is tested',
      good: {
        'openstack/tests/test_machines.py': py`
          import openstack

          def test_machines(register_uris):
              register_uris("/v1/nodes")
              assert openstack.connect(auth_type="none").list_machines() == []
        `,
        'openstack/__init__.py': py`
          def connect(cloud=None, **kwargs):
              return Connection(cloud, **kwargs)
        `,
      },
    },
    {
      name: 'an emulator, a patched maker, a client that is never asked',
      good: py`
        import boto3
        from unittest import mock

        def test_emulator():
            storage = boto3.client("s3", endpoint_url="http://localhost:4566")
            storage.list_buckets()

        @mock.patch("boto3.client")
        def test_patched(client):
            storage = boto3.client("s3")
            storage.list_buckets()

        def test_region():
            storage = boto3.client("s3", region_name="eu-west-1")
            assert storage.meta.region_name == "eu-west-1"
      `,
    },
  ],
});

/** The call that made the client whose method (or whose part's method) is called. */
function makerAround(call: Call): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  for (let it = call.parent; it !== undefined; it = it.parent) if (it.type === 'lambda') return undefined;
  let object: Expression = call.function.object;
  for (;;) {
    const { value } = object;
    if (value.kind === 'result') return value.call === call ? undefined : value.call;
    if (object.type !== 'attribute') return undefined;
    object = object.object;
  }
}
