import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Builds dist/ once, so that the tests of the real command never run an old build.
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/property-runs.ts'],
    // A hung socket fails its test; nothing waits for ever.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['html', 'text-summary'] },
  },
})
