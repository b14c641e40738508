/** A corpus on disk, or why it cannot be had. */
export function corpus(
  name: 'nova' | 'cpython' | 'neutron' | 'numpy' | 'twisted' | 'distributed' | 'pandas',
): { readonly root: string; readonly tests: string; readonly package: string; readonly version: string } | { readonly skipped: string };
