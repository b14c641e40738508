/**
 * Fixtures and functions that put a stand-in where a live service would be, known without reading them.
 * Source: nova/tests/fixtures and nova/tests/unit/image/fake.py (2017 to 2024), placement/tests/functional/fixtures.
 */

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
  ['oslo_messaging.conffixture.ConfFixture', 'the message bus'],
]);

/** Function that stubs a service for the test it is given → the service, and what sets the stand-in back. */
export const SERVICE_STUBS: ReadonlyMap<string, { readonly service: string; readonly reset: string }> = new Map([
  ['nova.tests.unit.image.fake.stub_out_image_service', { service: 'the image service', reset: 'nova.tests.unit.image.fake.FakeImageService_reset' }],
  ['nova.tests.image.fake.stub_out_image_service', { service: 'the image service', reset: 'nova.tests.image.fake.FakeImageService_reset' }],
]);
