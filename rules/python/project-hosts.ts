/** Hosts of services that real systems live on. Sources: the vendors' API references (Stripe, GitHub, AWS, Google, Azure, Slack, Twilio, SendGrid, OpenAI, Anthropic), 2025. */
import { hostKind } from './host-names.ts';

const VENDORS =
  /^(?:api\.stripe\.com|(?:api|uploads)\.github\.com|(?:[\w-]+\.)*amazonaws\.com(?:\.cn)?|(?:[\w-]+\.)*googleapis\.com|(?:[\w-]+\.)*(?:azure\.com|windows\.net|azurewebsites\.net|microsoftonline\.com)|graph\.microsoft\.com|(?:hooks\.)?slack\.com|(?:[\w-]+\.)*openstack\.org|api\.twilio\.com|api\.sendgrid\.com|api\.openai\.com|api\.anthropic\.com|(?:graph\.)?facebook\.com|api\.twitter\.com|api\.x\.com|discord(?:app)?\.com|api\.telegram\.org|api\.cloudflare\.com|(?:[\w-]+\.)*salesforce\.com|api\.paypal\.com|gitlab\.com|api\.digitalocean\.com|api\.mailgun\.net|(?:[\w-]+\.)*sentry\.io|(?:[\w-]+\.)*datadoghq\.com|pypi\.org)$/i;
const PRODUCTION = /(?:^|[.-])(?:prod|production|prd)(?:[.-]|\d*$)/i;

/** Why a host is one of a system in use: its vendor, or what its name says. */
export function productionHost(host: string): 'a service in use' | 'production' | undefined {
  const kind = hostKind(host);
  if (kind !== 'public' && kind !== 'private' && kind !== 'alias') return undefined;
  if (VENDORS.test(host)) return 'a service in use';
  return PRODUCTION.test(host) && !/non-?prod|pre-?prod/i.test(host) ? 'production' : undefined;
}
