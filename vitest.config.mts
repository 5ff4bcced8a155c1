import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What the build puts in as text, done here as well. */
const inlined = {
  name: 'inlined',
  enforce: 'pre' as const,
  resolveId(path: string, importer: string | undefined) {
    const isText = /\/page\.(?:html|css|browser\.js)$/.test(path)
    return isText && importer ? `\0${resolve(importer, '..', path)}.text` : undefined
  },
  load(id: string) {
    const path = /^\0(.*)\.text$/.exec(id)?.[1]
    return path && `export default ${JSON.stringify(readFileSync(path, 'utf8'))}`
  },
}

export default defineConfig({
  plugins: [inlined],
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
