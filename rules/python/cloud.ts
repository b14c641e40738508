/** Clients of clouds and platforms. Sources: boto3 1.40, google-cloud-python, openstacksdk 4, kubernetes 33, openai 1, anthropic 0.60, stripe 12. */

/** Makes a client (or a session that makes one) that speaks to its vendor when nothing else is said. */
const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/^boto3\.(?:client|resource)$|^boto3\.(?:session\.)?Session\(\)\.(?:client|resource)$/, 'AWS'],
  [/^google\.cloud\.\w+(?:\.\w+)*\.\w*Client$/, 'Google Cloud'],
  [/^openstack\.connect$|^openstack\.connection\.(?:Connection|from_config)$/, 'OpenStack'],
  [/^kubernetes\.client\.\w+Api$/, 'Kubernetes'],
  [/^openai\.(?:Async)?OpenAI$/, 'OpenAI'],
  [/^anthropic\.(?:Async)?Anthropic$/, 'Anthropic'],
];

/** Arguments that send the client somewhere else, or hand it its transport. */
export const ELSEWHERE_ARGUMENTS: ReadonlySet<string> = new Set([
  'endpoint_url',
  'base_url',
  'client_options',
  'http_client',
  'session',
  'transport',
  'api_client',
  '_http',
  'config',
]);

/** The vendor that a client made by this function speaks to. */
export function vendorOf(callee: string | undefined): string | undefined {
  return callee === undefined ? undefined : MAKERS.find(([pattern]) => pattern.test(callee))?.[1];
}

const VENDORS = /^(?:boto3|google\.cloud|openstack|kubernetes|openai|anthropic)\./;

/** Is it of a package that makes such clients? */
export function isOfVendor(name: string): boolean {
  return VENDORS.test(name);
}

/** Methods of a client that ask the vendor nothing. */
const LOCAL_METHODS: ReadonlySet<string> = new Set([
  'client',
  'resource',
  'get_paginator',
  'get_waiter',
  'can_paginate',
  'generate_presigned_url',
  'generate_presigned_post',
  'close',
  'register',
  'unregister',
  'Table',
  'Bucket',
  'Object',
  'Queue',
  'Topic',
  'bucket',
  'blob',
  'collection',
  'document',
  'dataset',
  'with_options',
  'copy',
]);

/** `topic_path`, `key_ring_path`: Google's clients put the name of a resource together. */
export function isLocal(method: string): boolean {
  return LOCAL_METHODS.has(method) || method.endsWith('_path');
}
