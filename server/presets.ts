/** Ready-made configurations, in the words in which anybody could write them. */
import type { PresetName } from './configuration-keys.ts';

export const PRESETS: Readonly<Record<PresetName, { readonly about: string; readonly toml: string }>> = {
  openstack: {
    about: 'For suites on oslotest and testtools: the mock of the standard library, specs on mocks, set-up that calls its base.',
    toml: `[rules]
"mocking/other-mock-package" = "error"
"mocking/patch-without-autospec" = "review"
"resources/set-up-without-upcall" = "error"
`,
  },
  pytest: {
    about: 'What pytest has a fixture or a helper for is not done by hand.',
    toml: `[rules]
"errors/hand-written-raises" = "review"
"errors/skip-without-reason" = "review"
"mocking/environment-changed" = "error"
"resources/predictable-temporary-path" = "warning"
"resources/temporary-directory-never-removed" = "warning"
`,
  },
  django: {
    about: 'Settings are overridden, not changed; requests of tests keep the checks of production.',
    toml: `[rules]
"api/csrf-protection-off" = "review"
"resources/settings-mutated-in-place" = "error"
`,
  },
  strict: {
    about: 'Also a point to decide fails; notes on what hides a failure become points to decide.',
    toml: `fail-on = "review"

[rules]
"errors/hand-written-raises" = "review"
"errors/skip-without-reason" = "review"
"mocking/collaborator-without-spec" = "review"
"network/call-without-timeout" = "review"
`,
  },
};
