/** A corpus on disk, or why it cannot be had. */
export function corpus(
  name: 'nova' | 'cpython' | 'neutron' | 'numpy' | 'twisted',
): { readonly root: string; readonly tests: string } | { readonly skipped: string };
