import { argumentsKnown, walk } from '../model.ts';
import { isGivenInSight } from '../python/api.ts';
import { ELSEWHERE_ARGUMENTS, vendorOf } from '../python/cloud.ts';
import { destinationArgument, destinationOf } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'target-chosen-elsewhere',
  code: 'NET-U05',
  category: 'network',
  title: 'Which system an integration test works on is not in the repository',
  kind: 'open',
  confidence: 'high',
  cwe: [923],
  why: 'The same test may work on a throw-away environment today, and on a live one tomorrow.',
  instead: 'Refuse to run unless the environment says that it is one for tests.',
  limits:
    'Speaks of tests below `integration`, `e2e` and the like, of clients that neither the source nor a fixture points anywhere, not of a test that is run only where somebody asks for it, by a skip or a mark of the project, nor of accounts that a fixture works on; and of addresses that begin with a fixture which was not found.',
  links: ['https://cwe.mitre.org/data/definitions/923.html'],
  yieldsTo: ['destination-from-outside', 'cloud-client-without-stub'],
  once: 'file',
  on: 'call',
  calls: (callee) => NETWORK_SINKS.has(callee) || vendorOf(callee) !== undefined,
  *check(call, file) {
    if (file.tier !== 'integration' || isIsolated(call, file)) return;
    const vendor = vendorOf(call.callee);
    if (vendor !== undefined) {
      if (!argumentsKnown(call) || call.arguments.some((it) => it.keyword !== undefined && ELSEWHERE_ARGUMENTS.has(it.keyword))) return;
      // What a fixture makes is a question of the tests that ask for it, and of their marks.
      if (file.guarded(call) || file.ownerOf(call)?.role === 'fixture') return;
      yield { at: call.place, message: `which account of ${vendor} the test works on is decided where it is run` };
      return;
    }
    const at = destinationArgument(call);
    const owner = file.ownerOf(call);
    if (at === undefined || destinationOf(call) !== undefined || owner?.role === 'helper' || (owner !== undefined && file.isOfScript(owner))) return;
    if (walk(at).some((it) => (it.type === 'name' || it.type === 'call') && isGivenInSight(it, file))) return;
    // What the test makes or asks for itself is a question of the client that it asks.
    if (!file.origins(at).some((it) => it.sort === 'parameter' && file.fixtureFrom(it.name) === 'not found')) return;
    yield { at: call.place, message: `which system \`${call.method}\` works on is decided where the test is run` };
  },
  examples: [
    {
      name: 'an address and an account from elsewhere',
      bad: {
        'tests/integration/test_tides.py': py`
          import boto3
          import requests

          def test_today(target):
              assert requests.get(target + "/tides", timeout=5).ok  #! is decided where the test is run

          def test_charts():
              assert boto3.resource("s3")  #! is decided where it is run
        `,
      },
    },
    {
      name: 'a server of the test, and a unit test',
      good: {
        'tests/integration/test_tides.py': py`
          import http.client
          import boto3
          import requests

          def test_today():
              assert requests.get("http://localhost:8080/tides", timeout=5).ok

          def test_httpbin(httpbin):
              host, port = httpbin.host, httpbin.port
              connection = http.client.HTTPConnection(host, port, timeout=5)
              connection.request("GET", "/gzip")

          def test_url(httpbin):
              url = httpbin + "/gzip"
              assert requests.get(url, timeout=5).ok

          def test_launched(cloud):
              instance = cloud.run()
              assert requests.get(instance.address, timeout=5).ok

          def test_started(start):
              def wait(url):
                  check = "{url}/tides".format(url=url)
                  assert requests.get(check, timeout=5).ok
              wait(start("localhost"))

          def test_charts():
              assert boto3.resource("s3", endpoint_url="http://localhost:4566")
        `,
        'tests/integration/test_live.py': py`
          import boto3
          import pytest

          pytestmark = pytest.mark.cloud

          @pytest.fixture
          def charts():
              return boto3.resource("s3")

          def test_charts():
              assert boto3.resource("s3")
        `,
        'pytest.ini': '[pytest]\nmarkers =\n    cloud: Live coverage of the stores.\n',
      },
    },
    {
      name: 'one that a test calls under a stub, another without',
      bad: {
        'tests/integration/test_charts.py': py`
          import boto3
          from moto import mock_aws

          def make_charts():
              return boto3.resource("s3").create_bucket(Bucket="charts")  #! is decided where it is run

          @mock_aws
          def test_charts():
              assert make_charts()

          def test_charts_again():
              assert make_charts()
        `,
      },
    },
    {
      name: 'decorators that call the test under a stub, helpers that are called under one',
      good: {
        'tests/integration/verified.py': py`
          import os
          from functools import wraps
          from moto import mock_aws

          def verified(func):
              @wraps(func)
              def run(**given):
                  if os.environ.get("ALLOW_AWS") == "true":
                      return func(**given)
                  with mock_aws():
                      return func(**given)
              return run

          def verified_with(bucket):
              def verify(func):
                  def run():
                      with mock_aws():
                          return make_and_run()
                  def make_and_run():
                      return func(bucket)
                  return run
              return verify
        `,
        'tests/integration/test_charts.py': py`
          import boto3
          from moto import mock_aws
          from .verified import verified, verified_with

          @verified
          def test_charts():
              assert boto3.resource("s3")

          @verified_with("charts")
          def test_bucket(bucket):
              assert boto3.resource("s3").Bucket(bucket)

          def make_charts():
              return boto3.resource("s3").create_bucket(Bucket="charts")

          def fill_charts():
              return make_charts().put_object(Key="north", Body=b"")

          @mock_aws
          def test_make():
              assert make_charts()

          def test_fill():
              with mock_aws():
                  assert fill_charts()
        `,
      },
    },
  ],
});
