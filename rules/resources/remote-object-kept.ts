import {
  ancestors,
  argument,
  argumentsKnown,
  type Call,
  type Expression,
  type FunctionDefinition,
  type FunctionSubject,
  type Node,
  type TestFile,
  walk,
} from '../model.ts';
import { ELSEWHERE_ARGUMENTS, isOfVendor, vendorOf } from '../python/cloud.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { isMockName, PATCH_CALLEES } from '../python/mock.ts';
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
  limits:
    'Speaks of what a test, its set-up or a fixture makes through clients of clouds and platforms, where nothing in the function, the tear-down, a decorator or a fixture that uses such a client deletes, none that is asked for takes anything back behind its `yield`, and no stub library is imported. What is sent or published, as a message or a metric, is nothing to delete. What is made inside a patch of its client, or with made-up credentials, is made nowhere; one whose error is caught is made to stay, where it was not there already.',
  links: ['https://docs.getmoto.org/en/latest/docs/getting_started.html'],
  once: 'class',
  on: 'call',
  calls: (_, method) => CREATES.test(method),
  *check(call, file) {
    const maker = CREATES.test(call.method) ? makerOf(call) : undefined;
    const vendor = vendorOf(maker?.callee);
    if (maker === undefined || vendor === undefined || mayBeAnsweredHere(file) || file.expected(call) || file.rejected(call)) return;
    if (!argumentsKnown(maker) || maker.arguments.some((it) => it.keyword !== undefined && ELSEWHERE_ARGUMENTS.has(it.keyword))) return;
    if (file.stubbed(maker.callee ?? '', call) !== undefined || file.stubbed(call.callee ?? '', call) !== undefined) return;
    if (isAnonymous(maker) || isInPatch(call) || mayBeThere(call)) return;
    const owner = file.ownerOf(call);
    // Who calls a helper may delete what it makes.
    if (owner === undefined || owner.role === 'helper' || deletes(owner.node) || heldByOther(owner, file)) return;
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
      name: 'what a fixture of every test removes is none of it',
      bad: {
        'tests/test_upload.py': py`
          import boto3

          def test_upload():
              boto3.client("dynamodb", "eu-west-1").create_table(TableName="tides")  #! nothing here deletes it
        `,
        'tests/conftest.py': py`
          import logging
          import pytest

          @pytest.fixture(autouse=True)
          def quiet():
              handler = logging.NullHandler()
              logging.getLogger().addHandler(handler)
              yield
              logging.getLogger().removeHandler(handler)
        `,
      },
      alsoFinds: ['NET004'],
    },
    {
      name: 'deleted with what holds it, by a fixture that another one asks for',
      good: {
        'tests/system/test_upload.py': py`
          from google.cloud import bigquery

          def test_upload(table_id):
              client = bigquery.Client()
              client.create_table(table_id)

          def test_text(path):
              client = bigquery.Client()
              client.create_table(f"{path}/tides")
        `,
        'tests/system/conftest.py': py`
          import pytest

          @pytest.fixture
          def dataset(client):
              dataset = client.create_dataset("charts")
              yield dataset
              client.delete_dataset(dataset, delete_contents=True)

          @pytest.fixture
          def table_id(dataset):
              return f"{dataset.dataset_id}.tides"

          @pytest.fixture
          def path(bucket):
              yield from paths_below(bucket)
        `,
      },
    },
    {
      name: 'deleted by a decorator, when it has called the test',
      good: {
        'tests/test_upload.py': py`
          import boto3
          from .tables import with_table

          @with_table
          def test_item(table):
              boto3.client("dynamodb", "eu-west-1").put_item(TableName=table, Item={})
        `,
        'tests/tables.py': py`
          import functools
          import boto3

          def with_table(func):
              @functools.wraps(func)
              def run():
                  client = boto3.client("dynamodb", "eu-west-1")
                  client.create_table(TableName="tides")
                  try:
                      return func("tides")
                  finally:
                      client.delete_table(TableName="tides")
              return run
        `,
      },
    },
    {
      name: 'nobody is asked as, or what the client calls is replaced',
      good: py`
        import boto3
        import pytest
        from botocore.exceptions import ClientError
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage
        from unittest import mock

        def make_bucket(client: storage.Client):
            client = storage.Client()
            return client.create_bucket("charts")

        def test_anonymous():
            client = storage.Client(credentials=AnonymousCredentials())
            client.create_bucket("charts")

        def test_credentials():
            client = storage.Client(credentials=mock.Mock())
            client.create_bucket("charts")

        def test_refused():
            client = storage.Client()
            with pytest.raises(ValueError):
                client.create_bucket()

        def test_call():
            client = storage.Client()
            with mock.patch.object(type(client.transport.create_bucket), "__call__"):
                client.create_bucket("charts")

        def test_there():
            try:
                boto3.client("s3").create_bucket(Bucket="charts")
            except ClientError:
                pass

        def test_measured():
            boto3.client("cloudwatch").put_metric_data(Namespace="tides", MetricData=[])
      `,
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

const CREATES = /^(?:(?:create|insert|upload)_\w+|put_(?:object|item))$/;

/** The call that made the client. */
function makerOf(call: Call): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  const { value }: Expression = call.function.object;
  return value.kind === 'result' ? value.call : undefined;
}

/** `credentials=AnonymousCredentials()`, or a mock: nobody is asked as. */
function isAnonymous(maker: Call): boolean {
  const given = argument(maker, 'credentials')?.refersTo;
  return given !== undefined && (/anonymous_?credentials\(\)$/i.test(given) || isMockName(given));
}

/** Where an error of it is caught, it may be there already, and is made to stay. */
function mayBeThere(call: Call): boolean {
  return [...ancestors(call)].some((it) => it.type === 'try' && it.handlers.length > 0);
}

/** Inside a `with` that replaces something of the client: `patch.object(type(client.transport.create_bucket), '__call__')`. */
function isInPatch(call: Call): boolean {
  if (call.function.type !== 'attribute') return false;
  const client = call.function.object.text;
  for (let around = call.parent; around !== undefined; around = around.parent) {
    if (around.type !== 'with') continue;
    for (const { context } of around.items) {
      if (context.type !== 'call' || !PATCH_CALLEES.has(context.callee ?? '')) continue;
      const [first] = context.arguments;
      if (first !== undefined && walk(first.value).some((it) => it.text === client)) return true;
    }
  }
  return false;
}

const DELETES = /^_?(?:delete|remove|destroy|purge|terminate|drop)/;

function deletes(node: FunctionDefinition): boolean {
  return walk(node).some((it) => it.type === 'attribute' && DELETES.test(it.name));
}

/** Does what runs around the function, or the tear-down of its class, delete at the end: the object, or what holds it? One that yields takes back what it gave, maybe through others. */
function heldByOther(owner: FunctionSubject, file: TestFile): boolean {
  const asksCloud = (it: Node) => (it.type === 'name' || it.type === 'attribute') && isOfVendor(it.refersTo ?? '');
  if ([...file.fixturesFor(owner)].some((it) => deletes(it) && walk(it).some(asksCloud))) return true;
  const asked = new Set(owner.parameters);
  for (const name of asked) {
    const fixture = file.fixture(name);
    if (fixture === undefined) continue;
    if (deletes(fixture) || walk(fixture).some((it) => it.type === 'yield' || it.type === 'yield from')) return true;
    for (const it of fixture.parameters) asked.add(it.name);
  }
  const ends = owner.class === undefined ? [] : ['tearDown', 'tearDownClass', 'teardown_method', 'teardown_class'];
  return ends.some((it) => {
    const node = file.definition(`${owner.class?.qualified ?? ''}().${it}`)?.node;
    return node !== undefined && deletes(node);
  });
}
