/** Names of functions that decide who may do what. Source: `rules.md` B.0.2 (SEC_VOCAB) and MCK008, calibrated on nova. */

const DECIDES =
  /^_*(?:authenticate|authorize|authorise|is_authenticated|is_authorized|check_perm\w*|has_perm\w*|is_admin|check_is_admin|enforce|check_policy|enforce_policy|validate_token|verify_token|check_token|decode_token|verify_signature|validate_signature|check_signature|verify_certificate|verify_cert\w*|check_certificate|validate_certificate|verify_password|check_password|check_password_hash|login_required|require_admin|require_admin_context|require_context|require_login|require_permission\w*|require_auth\w*|check_csrf\w*|csrf_\w+|validate_csrf\w*|check_rate_limit|verify_jwt\w*|verify_hmac|check_auth\w*|verify_auth\w*|authenticate_\w+|verify_request_signature)$/;
/** `can` is a check only on what knows about policies. */
const POLICY_OWNER = /(?:polic|context|permission|auth|acl|enforcer|rbac)/i;

/** The security check that a dotted name means: its last segment. */
export function securityCheck(target: string): string | undefined {
  const segments = target.replace(/\(\)/g, '').split('.');
  const last = segments.at(-1) ?? '';
  // What a quota enforces is how much somebody may have, and not who.
  if (last === 'enforce' && /quota/i.test(segments.slice(0, -1).join('.'))) return undefined;
  if (DECIDES.test(last)) return last;
  if (last === 'can' && POLICY_OWNER.test(segments.slice(-3, -1).join('.'))) return last;
  return undefined;
}

/** Modules whose whole purpose is security: replacing one takes the protection away. */
export const SECURITY_MODULES: ReadonlySet<string> = new Set([
  'ssl',
  'cryptography',
  'jwt',
  'requests',
  'hashlib',
  'hmac',
  'secrets',
  'keystonemiddleware',
  'keystoneauth1',
  'oslo_policy',
  'OpenSSL',
  'nacl',
  'certifi',
  'bcrypt',
  'passlib',
  'authlib',
  'itsdangerous',
  '_ssl',
  '_hashlib',
]);
