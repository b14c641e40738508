/** Text from the repository inside XML and HTML: shown, never obeyed, and always characters that XML 1.0 allows. */
import { visible } from './visible.ts';

/** One line of text between tags. */
export function content(text: string): string {
  return visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text between double quotes. */
export function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
