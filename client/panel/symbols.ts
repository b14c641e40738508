/** The page's symbols: strokes on a 16 by 16 field. Each mark has a shape of its own, so that colour says nothing alone. */
import type { Mark, PanelVerdict } from './state.ts';

const SHIELD = 'M8 1.2 13.5 3v4.6c0 3.4-2.3 5.9-5.5 7.2-3.2-1.3-5.5-3.8-5.5-7.2V3z';
const CIRCLE = 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z';

export const SYMBOLS: Record<Mark | PanelVerdict, readonly string[]> = {
  clear: [SHIELD, 'M5.3 7.9 7.3 9.9 10.8 6'],
  review: [SHIELD, 'M8 4.6v4', 'M8 10.9v.2'],
  defects: [SHIELD, 'M6 5.8 10 9.8', 'M10 5.8 6 9.8'],
  'not-applicable': ['M4 8h8'],
  'not-reviewed': ['M4 8h8'],
  error: [CIRCLE, 'M5.8 5.8l4.4 4.4', 'M10.2 5.8 5.8 10.2'],
  warning: ['M8 2.2 14.3 13.4H1.7z', 'M8 6.4v3.4', 'M8 11.6v.1'],
  note: [CIRCLE, 'M8 7.4v3.8', 'M8 4.9v.1'],
  open: [CIRCLE, 'M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3', 'M8 11.3v.1'],
  pass: ['M3 8.4 6.4 11.8 13 4.6'],
  suppressed: [CIRCLE, 'M3.7 3.7l8.6 8.6'],
  baseline: [CIRCLE, 'M8 4.6V8l2.4 1.7'],
};

/** A line that a person must decide looks like an eye. */
export const EYE: readonly string[] = [
  'M1.3 8C2.8 5.2 5.2 3.8 8 3.8s5.2 1.4 6.7 4.2C13.2 10.8 10.8 12.2 8 12.2S2.8 10.8 1.3 8z',
  'M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
];
