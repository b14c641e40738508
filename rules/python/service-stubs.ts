/**
 * Fixtures and functions that put a stand-in where a live service would be, known without reading them.
 * Source: nova/tests/fixtures and nova/tests/unit/image/fake.py (2017 to 2024), placement/tests/functional/fixtures.
 */
import { argument, type Call, constantText, type Expression, type TestFile, walk } from '../model.ts';

const MESSAGING = 'oslo_messaging.conffixture.ConfFixture';

/** Fixture class → the service that it stands in for while the test runs. */
export const SERVICE_FIXTURES: ReadonlyMap<string, string> = new Map([
  ['nova.tests.fixtures.GlanceFixture', 'the image service'],
  ['nova.tests.fixtures.NeutronFixture', 'the network service'],
  ['nova.tests.fixtures.CinderFixture', 'the volume service'],
  ['nova.tests.fixtures.CinderFixtureNewAttachFlow', 'the volume service'],
  ['nova.tests.fixtures.CyborgFixture', 'the accelerator service'],
  ['nova.tests.fixtures.PlacementFixture', 'the placement service'],
  ['nova.tests.functional.fixtures.PlacementFixture', 'the placement service'],
  ['placement.tests.functional.fixtures.placement.PlacementFixture', 'the placement service'],
  ['nova.tests.fixtures.LibvirtFixture', 'libvirt'],
  ['nova.tests.fixtures.OSBrickFixture', 'the storage connector'],
  ['nova.tests.fixtures.KSAFixture', 'the identity service'],
  ['keystoneauth1.fixture.keystoneauth_betamax.BetamaxFixture', 'HTTP'],
  ['requests_mock.contrib.fixture.Fixture', 'HTTP'],
  ['requests_mock.fixture.Fixture', 'HTTP'],
  [MESSAGING, 'the message bus'],
]);

/** Function that stubs a service for the test it is given → the service, and what sets the stand-in back. */
export const SERVICE_STUBS: ReadonlyMap<string, { readonly service: string; readonly reset: string }> = new Map([
  ['nova.tests.unit.image.fake.stub_out_image_service', { service: 'the image service', reset: 'nova.tests.unit.image.fake.FakeImageService_reset' }],
  ['nova.tests.image.fake.stub_out_image_service', { service: 'the image service', reset: 'nova.tests.image.fake.FakeImageService_reset' }],
]);

/** The service that a fixture, in use by the call, stands in for. */
export function serviceOf(fixture: string, call: Call, file: TestFile): string | undefined {
  return fixture === MESSAGING && !hasFakeTransport(call, file) ? undefined : SERVICE_FIXTURES.get(fixture);
}

/**
 * Is the fixture of oslo.messaging, which only takes settings back, given a fake transport: `transport_url='fake:/'`,
 * `fixture.transport_driver = 'fake'`? Source: oslo.messaging 14, conffixture.
 */
function hasFakeTransport(call: Call, file: TestFile): boolean {
  const given = call.arguments[0]?.value;
  const made = given?.value.kind === 'result' ? given.value.call : undefined;
  const isFake = (it: Expression | undefined) => it !== undefined && constantText(it.value)?.startsWith('fake') === true;
  if (made !== undefined && isFake(argument(made, 'transport_url', 1))) return true;
  const names = new Set([given?.text, ...(call.parent?.type === 'assignment' ? call.parent.targets.map((it) => it.text) : [])]);
  const isOf = (it: Expression | undefined) => it?.type === 'attribute' && /^transport_(?:url|driver)$/.test(it.name) && names.has(it.object.text);
  return walk(file.ownerOf(call)?.node ?? call).some((it) => it.type === 'assignment' && isOf(it.targets[0]) && isFake(it.value));
}
