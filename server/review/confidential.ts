/** What may stay in the editor, but not travel in a report. */
import { withoutSecrets } from '../../rules/python/masking.ts';
import type { PlacedFix } from './review.ts';

/** Does the fix write a secret that stands in the file? */
export function carriesSecret(fix: PlacedFix): boolean {
  return fix.edits.some((it) => withoutSecrets(it.text) !== it.text);
}
