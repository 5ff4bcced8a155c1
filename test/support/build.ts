import { execFileSync } from 'node:child_process'

/** Builds dist/ once before all tests (vitest's globalSetup). */
export default function build(): void {
  execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' })
}
